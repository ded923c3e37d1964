"""Rows of effects, and how rows are inserted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An effect to be written; with `latest_wins` it takes the place of those before it.

    That is those of its kind in its lane that are written together with it. Without a stream it
    belongs to none.
    """

    stream_kind: str | None
    stream_id: str | None
    lane: str
    target: str | None
    kind: str
    payload: str
    urgency: int
    severity: int
    deadline: datetime
    created_at: datetime
    next_attempt_at: datetime
    latest_wins: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What follows from a step; `unblocks`: what waits in its stream is due at once."""

    effects: tuple[EffectRow, ...] = ()
    unblocks: bool = False


def effect_row(effect: EffectRow) -> dict[str, Any]:
    """An effect that nobody has tried yet."""
    return {
        "stream_kind": effect.stream_kind,
        "stream_id": effect.stream_id,
        "lane": effect.lane,
        "target": effect.target,
        "kind": effect.kind,
        "payload": effect.payload,
        "state": "pending",
        "urgency": effect.urgency,
        "severity": effect.severity,
        "deadline": effect.deadline,
        "created_at": effect.created_at,
        "next_attempt_at": effect.next_attempt_at,
        "attempts": 0,
        "uncertain": False,
    }


def newest(effects: Sequence[EffectRow]) -> Iterator[EffectRow]:
    """Without those whose place a later one takes."""
    last = {(effect.lane, effect.kind): effect for effect in effects if effect.latest_wins}
    for effect in effects:
        if last.get((effect.lane, effect.kind), effect) is effect:
            yield effect


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows of one shape; none is no statement."""
    if rows:
        connection.execute(insert(table), rows)

"""Rows: how a room, a violation, an event and an effect stand in their tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.events import Recorded
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.storage.documents import written


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An effect to be written; with `latest_wins` it takes the place of those before it.

    That is those of its kind in its lane that are written together with it.
    """

    room_id: str | None
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
    """What follows from a step; `unblocks_pages`: the room's that wait are due at once."""

    effects: tuple[EffectRow, ...] = ()
    unblocks_pages: bool = False


def room_row(room: WarRoom) -> dict[str, Any]:
    """The whole room as its document, and beside it what is asked for."""
    decision = room.decision
    return {
        "id": room.id,
        "version": room.version,
        "state": room.state,
        "policy_id": room.policy_id,
        "severity": room.severity,
        "team": room.team,
        "dedup_key": room.key,
        "opened_at": room.opened_at,
        "expires_at": room.expires_at,
        "acknowledged_at": min(room.acknowledged.values(), default=None),
        "first_response_at": room.first_response_at,
        "decided_at": decision and decision.at,
        "outcome": decision and decision.outcome,
        "valid_until": decision and decision.valid_until,
        "channel": room.channel,
        "document": written(room),
        "gathered_at": room.newest.received_at if room.is_storm else None,
    }


def violation_row(violation: Violation, room: WarRoom, delivery_id: str) -> dict[str, Any]:
    """Where a violation belongs, and its delivery; in a storm's room its key too."""
    return {
        "id": violation.id,
        "room_id": room.id,
        "source": violation.source,
        "delivery_id": delivery_id,
        "received_at": violation.received_at,
        "detected_at": violation.detected_at,
        "gathered_key": violation.report.key if room.is_storm else None,
    }


def event_row(room_id: str, recorded: Recorded, delivery: str | None) -> dict[str, Any]:
    """An event in its place, and what a person sent in that led to it."""
    return {
        "room_id": room_id,
        "seq": recorded.seq,
        "at": recorded.at,
        "actor": recorded.actor,
        "kind": recorded.event.kind,
        "payload": recorded.event.model_dump_json(),
        "delivery": delivery,
    }


def effect_row(effect: EffectRow) -> dict[str, Any]:
    """An effect that nobody has tried yet."""
    return {
        "room_id": effect.room_id,
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

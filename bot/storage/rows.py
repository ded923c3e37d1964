"""Rows: what stands in them of streams and effects, and how they are written.

Rules
- A view is a row in which a stream's state stands beside its events, to be read and asked for: the
  whole state as its document, and beside it what questions are asked of.
- A kind of stream without a view is read from its events each time: it has few of them.
- A document is validated once, and not each time it is read: that was a tenth of what a violation
  costs on SQLite. What it says is a function of its text alone, and frozen. So it is held against
  the whole text that was read: one that was changed, by whomever, is read anew.
- A statement is built once: what SQLAlchemy makes of it is found again by the object. What writes
  rows is the driver's text: what SQLAlchemy does for the parameters of each took a third of the
  time in which a batch was written.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Table, bindparam, select

from bot.domain.earlier import subject_of
from bot.domain.exception import PolicyException
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up import FollowUp
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.people_sets import people_of
from bot.storage.utc_microseconds import UtcMicroseconds, microseconds

# How the drivers mark a value, by the names that they have for it.
MARKS = {"qmark": "?", "pyformat": "%s"}
DOCUMENTS_KEPT = 256  # of each kind, of some 20 KB each

T = TypeVar("T")


class Documents(Generic[T]):
    """What documents say, of the streams that have changed last; `parse` reads one."""

    def __init__(self, parse: Callable[[str], T]) -> None:
        self._parse = parse
        self._kept: OrderedDict[str, tuple[str, T]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, stream_id: str, text: str) -> T:
        """What the text of a stream's document says. ValueError where it can't be read."""
        kept = self._kept.get(stream_id)
        if kept and kept[0] == text:
            return kept[1]
        value = self._parse(text)
        self.keep(stream_id, text, value)
        return value

    def keep(self, stream_id: str, text: str, value: T) -> None:
        """Know what a text says, as it was written from that."""
        with self._lock:
            self._kept[stream_id] = (text, value)
            self._kept.move_to_end(stream_id)
            if len(self._kept) > DOCUMENTS_KEPT:
                self._kept.popitem(last=False)


class View:
    """The table of a kind of stream, what stands in it, and how a document is read.

    New rows are inserted in the order of `order`, so that writers can't wait in a circle.
    `stored` asks for document and version of one `of_id`, `several` for those of `of_ids`;
    `held` locks the one's row. `documents` reads those that are asked for over and over.
    """

    def __init__(
        self,
        table: Table,
        row: Callable[[Any], dict[str, Any]],
        read: Callable[[str], Any],
        order: Callable[[dict[str, Any]], tuple[str, ...]],
    ) -> None:
        self.table, self.row, self.read, self.order = table, row, read, order
        self.documents = Documents(read)
        c = table.c
        self.stored = select(c.document, c.version).where(c.id == bindparam("of_id"))
        self.held = self.stored.with_for_update()
        several = c.id.in_(bindparam("of_ids", expanding=True))
        self.several = select(c.id, c.document, c.version).where(several)

    def written(self, state: Any) -> dict[str, Any]:  # noqa: ANN401 - a stream's state
        """The row of a state that is written: what its document says is known then."""
        row = self.row(state)
        self.documents.keep(row["id"], row["document"], state)
        return row


def room_row(room: WarRoom) -> dict[str, Any]:
    """A war room's row."""
    decision, about, people = room.decision, room.contents.pull_request, people_of(room)
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
        "document": room.model_dump_json(),
        "gathered_at": room.newest.received_at if room.is_storm else None,
        "subject": subject_of(room),
        "pull_request": about and about.name,
        "commit": _commit(room),
        "initiators_id": people.initiators,
        "holders_id": people.holders,
    }


def _commit(room: WarRoom) -> str | None:
    """The commit that all of a room is of; None where they are several, or none is known."""
    if about := room.contents.pull_request:
        return about.commits[0] if len(about.commits) == 1 else None
    return None if room.is_storm else room.violation.report.origin.commit


def follow_up_row(owed: FollowUp) -> dict[str, Any]:
    """A follow-up's row."""
    return {
        "id": owed.id,
        "version": owed.version,
        "state": owed.state,
        "kind": owed.kind,
        "owner": owed.owner,
        "team": owed.team,
        "policy_id": owed.policy_id,
        "about": owed.about,
        "opened_at": owed.opened_at,
        "until": owed.until,
        "closed_at": owed.closure and owed.closure.at,
        "document": owed.model_dump_json(),
    }


def exception_row(exception: PolicyException) -> dict[str, Any]:
    """An exception's row."""
    return {
        "id": exception.id,
        "version": exception.version,
        "state": exception.state,
        "policy_id": exception.policy_id,
        "team": exception.team,
        "owner": exception.owner,
        "granted_at": exception.granted_at,
        "until": exception.until,
        "document": exception.model_dump_json(),
        "severity": exception.severity,
        "debt_until": (exception.revoked_at or exception.until) if exception.is_debt else None,
    }


VIEWS: Mapping[str, View] = {
    WAR_ROOM.kind: View(
        table=t.rooms,
        row=room_row,
        read=WarRoom.read,
        order=lambda row: (row["policy_id"], row["dedup_key"]),
    ),
    FOLLOW_UP.kind: View(
        table=t.follow_ups,
        row=follow_up_row,
        read=FollowUp.read,
        order=lambda row: (row["id"],),
    ),
    EXCEPTION.kind: View(
        table=t.exceptions,
        row=exception_row,
        read=PolicyException.read,
        order=lambda row: (row["id"],),
    ),
}


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


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of one shape; none is no statement."""
    if rows:
        names, dialect = tuple(rows[0]), connection.dialect
        # Of sixteen senders' webhooks a tenth more is accepted by COPY than by INSERT.
        copies = dialect.name == "postgresql" and len(rows) > 1
        text = _copy(table, names) if copies else _insert(table, names, dialect.paramstyle)
        connection.exec_driver_sql(text, [_cells(table, names, row) for row in rows])


def change_row(connection: Connection, table: Table, row: dict[str, Any], known: int) -> bool:
    """Write the row with its `id` anew; False where it is past the version that is `known`."""
    names = tuple(row)
    text = _update(table, names, connection.dialect.paramstyle)
    cells = (*_cells(table, names, row), row["id"], known)
    return connection.exec_driver_sql(text, cells).rowcount == 1


def forget_effects(connection: Connection, ids: Collection[int]) -> None:
    """Delete the effects with these ids, in one order; none is no statement."""
    if ids:
        mark = MARKS[connection.dialect.paramstyle]
        text = f"DELETE FROM effects WHERE id = {mark}"  # noqa: S608 - a mark of the driver's
        connection.exec_driver_sql(text, [(each,) for each in sorted(ids)])


def _cells(table: Table, names: tuple[str, ...], row: dict[str, Any]) -> tuple[Any, ...]:
    cells = [row[name] for name in names]
    for place in _times(table, names):
        cells[place] = microseconds(cells[place])
    return tuple(cells)


@cache
def _times(table: Table, names: tuple[str, ...]) -> tuple[int, ...]:
    is_time = [isinstance(table.c[name].type, UtcMicroseconds) for name in names]
    return tuple(place for place, each in enumerate(is_time) if each)


@cache
def _insert(table: Table, names: tuple[str, ...], paramstyle: str) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join([MARKS[paramstyle]] * len(names))
    return f"INSERT INTO {table.name} ({quoted}) VALUES ({marks})"  # noqa: S608 - names of our own


@cache
def _copy(table: Table, names: tuple[str, ...]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"COPY {table.name} ({quoted}) FROM STDIN"


@cache
def _update(table: Table, names: tuple[str, ...], paramstyle: str) -> str:
    mark = MARKS[paramstyle]
    new = ", ".join(f'"{name}" = {mark}' for name in names)
    return f"UPDATE {table.name} SET {new} WHERE id = {mark} AND version = {mark}"  # noqa: S608 - names of our own

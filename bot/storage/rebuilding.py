"""What a revision or an erasure changed in views, made anew from their events.

Rules
- After a revision nothing but that changes: the rest of a row stays what it says, and can be held
  against the record (see `consistency`). The record is what it was.
- After an erasure a row is all that its events give by now, and so is what an exception covers.
- Of any number of rooms no more are held at a time than a few hundred.
"""

from collections.abc import Collection
from functools import reduce
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.domain.aggregate import Aggregate, Unknown
from bot.domain.exception import PolicyException
from bot.domain.exception_life import EXCEPTION
from bot.domain.fold import fold
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.people_sets import add_sets, people_of
from bot.storage.records import read_stream
from bot.storage.rows import VIEWS, room_row
from bot.storage.transaction import Stream

ROOMS_AT_ONCE = 200  # PostgreSQL ends a transaction that stands still for ten seconds

# Since who made a change may be several, since what was answered stays, and since the same question
# may be asked again.
CHANGED = frozenset({"contents", "owners", "unreachable", "answered_by", "earlier", "question_seq"})
_NEXT = (
    select(t.rooms.c.id, t.rooms.c.document)
    .where(t.rooms.c.id > bindparam("after"))
    .order_by(t.rooms.c.id)
    .limit(ROOMS_AT_ONCE)
)
_EVENTS = (
    select(t.events)
    .where(
        t.events.c.stream_kind == bindparam("of_kind"),
        t.events.c.stream_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(t.events.c.stream_id, t.events.c.seq)
)
_CHANGE = (
    update(t.rooms)
    .where(t.rooms.c.id == bindparam("of_id"))
    .values({column: bindparam(column.name) for column in t.rooms.c if column is not t.rooms.c.id})
)


_OPEN = (
    select(t.rooms.c.id, t.rooms.c.document)
    .where(t.rooms.c.id > bindparam("after"), t.rooms.c.state == t.OPEN)
    .order_by(t.rooms.c.id)
    .limit(ROOMS_AT_ONCE)
)
_PEOPLE = (
    update(t.rooms)
    .where(t.rooms.c.id == bindparam("of_id"))
    .values(initiators_id=bindparam("initiators"), holders_id=bindparam("holders"))
)


def add_people(connection: Connection) -> None:
    """Have each open room found by the people whom it asks."""
    after = ""
    while rows := connection.execute(_OPEN, {"after": after}).all():
        rooms = [(room := WarRoom.read(row.document), people_of(room)) for row in rows]
        add_sets(connection, rooms)
        people = [{"of_id": room.id, **sets._asdict()} for room, sets in rooms]
        connection.execute(_PEOPLE, people)
        after = rows[-1].id


def rebuild_rooms(connection: Connection) -> None:
    """Bring each room's row up to date with what its events say by now."""
    after = ""
    while rooms := {row.id: row.document for row in connection.execute(_NEXT, {"after": after})}:
        events = connection.execute(_EVENTS, {"of_kind": WAR_ROOM.kind, "ids": list(rooms)}).all()
        rows = []
        for room_id, record in groupby(events, key=attrgetter("stream_id")):
            said, given = WarRoom.read(rooms[room_id]), fold(list(read_stream(WAR_ROOM, record)))
            fields = WarRoom.model_fields
            parts = {name: getattr(given if name in CHANGED else said, name) for name in fields}
            row = room_row(WarRoom.model_construct(**parts))
            rows.append({"of_id": room_id, **{key: row[key] for key in row if key != "id"}})
        if rows:
            connection.execute(_CHANGE, rows)
        after = max(rooms)


class NewerEventError(Exception):
    """A stream has an event of a newer version: what it gives, only that one knows."""


def rebuild_views(connection: Connection, streams: Collection[Stream]) -> None:
    """Bring the rows of these streams up to date with what is left of their events.

    NewerEventError where this version can't.
    """
    viewed: tuple[Aggregate[Any, Any, Any], ...] = (WAR_ROOM, FOLLOW_UP, EXCEPTION)
    for aggregate in viewed:
        ids = sorted(stream.id for stream in streams if stream.kind == aggregate.kind)
        table = VIEWS[aggregate.kind].table
        new: dict[Any, Any] = {
            each: bindparam(each.name) for each in table.c if each is not table.c.id
        }
        change = update(table).where(table.c.id == bindparam("of_id")).values(new)
        for start in range(0, len(ids), ROOMS_AT_ONCE):
            states = _states(connection, aggregate, ids[start : start + ROOMS_AT_ONCE])
            rows = map(VIEWS[aggregate.kind].row, states)
            changed = [{"of_id": row.pop("id"), **row} for row in rows]
            if changed:
                connection.execute(change, changed)
            if aggregate is WAR_ROOM:
                add_sets(connection, [(room, people_of(room)) for room in states])
            if aggregate is EXCEPTION:
                for exception in states:
                    _cover(connection, exception)


def _states(
    connection: Connection, aggregate: Aggregate[Any, Any, Any], ids: list[str]
) -> list[Any]:
    asked = {"of_kind": aggregate.kind, "ids": ids}
    events, states = connection.execute(_EVENTS, asked).all(), []
    for stream_id, rows in groupby(events, key=attrgetter("stream_id")):
        record = list(read_stream(aggregate, rows))
        if any(isinstance(each.event, Unknown) for each in record):
            message = f"{aggregate.kind} {stream_id} has an event of a newer version"
            raise NewerEventError(f"{message}, which alone can erase something of it")
        states.append(reduce(aggregate.evolve, record, None))
    return states


def _cover(connection: Connection, exception: PolicyException) -> None:
    """Have an exception found by nothing that it doesn't cover any more."""
    c = t.exception_covers.c
    kept = [cover.key for cover in exception.covers]
    gone = delete(t.exception_covers).where(c.exception_id == exception.id, c.key.not_in(kept))
    connection.execute(gone)

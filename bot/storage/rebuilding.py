"""What a revision changed in rooms' rows, made anew from their events.

Rules
- Nothing but that changes: the rest of a row stays what it says, and can be held against the record
  (see `consistency`). The record is what it was.
- Of any number of rooms no more are held at a time than a few hundred.
"""

from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.fold import fold
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.people_sets import add_sets, people_of
from bot.storage.records import read_stream
from bot.storage.rows import room_row

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
        t.events.c.stream_kind == WAR_ROOM.kind,
        t.events.c.stream_id.in_(bindparam("rooms", expanding=True)),
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
        events = connection.execute(_EVENTS, {"rooms": list(rooms)}).all()
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

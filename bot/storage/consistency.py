"""The proof that the record is the truth: each room's events give its row, under a policy it has.

Rules
- Room after room, in one read: it holds one room at a time.
- A room in which a newer version wrote what this one doesn't know can't be proved here, and is said
  to be so.
"""

from collections.abc import Generator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.aggregate import Unknown
from bot.domain.fold import fold
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.records import read_stream

_STREAMED = {"yield_per": 500}
_ROOM = (t.rooms.c.id, t.rooms.c.version, t.rooms.c.state, t.rooms.c.expires_at, t.rooms.c.channel)


def differences(connection: Connection) -> Generator[str | None]:
    """For each room None, or in what its row is not what its events give under their policy."""
    policies = frozenset(connection.execute(select(t.documents.c.digest)).scalars())
    of_rooms = select(*_ROOM, t.rooms.c.document).order_by(t.rooms.c.id)
    of_events = (
        select(t.events)
        .where(t.events.c.stream_kind == WAR_ROOM.kind)
        .order_by(t.events.c.stream_id, t.events.c.seq)
    )
    with (
        connection.execute(of_rooms, execution_options=_STREAMED) as rooms,
        connection.execute(of_events, execution_options=_STREAMED) as events,
    ):
        records = groupby(events, key=attrgetter("stream_id"))
        room_id, record = next(records, (None, iter(())))
        for room in rooms:
            if room_id != room.id:
                yield f"room {room.id} has no events"
                continue
            yield _difference(room, list(record), policies)
            room_id, record = next(records, (None, iter(())))


def _difference(row: Any, rows: list[Any], policies: frozenset[str]) -> str | None:  # noqa: ANN401 - rows of tables
    try:
        record = list(read_stream(WAR_ROOM, rows))
        unknown = [each.event.kind for each in record if isinstance(each.event, Unknown)]
        if unknown:
            return f"room {row.id}: {unknown[0]} is an event of a newer version"
        given = fold(record)
        says = WarRoom.read(row.document)
    except ValueError as error:
        return f"room {row.id} can't be read: {str(error).splitlines()[0]}"
    columns = (row.id, row.version, row.state, row.expires_at, row.channel)
    if (says.id, says.version, says.state, says.expires_at, says.channel) != columns:
        return f"room {row.id}: its columns are not those of its document"
    if says.policy_digest not in policies:
        return f"room {row.id}: its policy {says.policy_digest} is not on record"
    differ = [name for name in WarRoom.model_fields if getattr(given, name) != getattr(says, name)]
    return f"room {row.id}: its events give another {', '.join(differ)}" if differ else None

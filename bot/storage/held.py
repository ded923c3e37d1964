"""Which streams a legal hold keeps from an erasure and from a retention period.

Rules
- A room is held as a whole, with its exception and what was owed of it, whichever of these somebody
  who is held stands in. What was owed of a cleared violation, and its clearance, stand alone.
- A person's hold keeps each stream that has something of theirs, as an erasure of them would find
  it (see `theirs`). The record is asked, not the views: these show what has happened last.
- What everybody stands in, as in a load of the configuration, isn't held as a whole.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.clearance import CLEARANCE
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.hold import Hold
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.somebody import Somebody
from bot.storage import tables as t
from bot.storage.holds import in_force
from bot.storage.theirs import Theirs
from bot.storage.transaction import Stream

_EVENTS = (
    select(t.events)
    .where(
        t.events.c.stream_kind == bindparam("of_kind"),
        t.events.c.stream_id == bindparam("of_stream"),
    )
    .order_by(t.events.c.seq)
)
_ABOUT = select(t.follow_ups.c.about).where(t.follow_ups.c.id == bindparam("of_id"))


def held(connection: Connection, streams: Collection[Stream]) -> Iterator[tuple[Stream, Hold]]:
    """What of these is held, and by which hold; of a room and what belongs to it, the room."""
    holds = in_force(connection)
    if not holds:
        return
    wholes = set(filter(None, (_whole(connection, stream) for stream in streams)))
    for whole in sorted(wholes, key=lambda whole: (whole.kind, whole.id)):
        records = [_events(connection, stream) for stream in of_whole(connection, whole)]
        for hold in holds:
            if hold.held is None:
                is_held = whole == Stream(WAR_ROOM.kind, str(hold.room_id))
            else:
                who = Somebody(frozenset({hold.held.name}), frozenset(hold.held.accounts))
                is_held = any(_is_in(record, who) for record in records)
            if is_held:
                yield whole, hold


def of_whole(connection: Connection, whole: Stream) -> Iterator[Stream]:
    """A room with its exception and what was owed of it; anything else alone."""
    yield whole
    if whole.kind == WAR_ROOM.kind:
        yield Stream(EXCEPTION.kind, whole.id)
        f = t.follow_ups.c
        owed = select(f.id).where(f.about.in_(abouts(whole.id))).order_by(f.id)
        for follow_up in connection.execute(owed).scalars():
            yield Stream(FOLLOW_UP.kind, follow_up)


def abouts(room_id: str) -> tuple[str, ...]:
    """What a follow-up of a room is about, as the rows have it."""
    return f"room:{room_id}", f"exception:{room_id}"


def _whole(connection: Connection, stream: Stream) -> Stream | None:
    if stream.kind in (WAR_ROOM.kind, EXCEPTION.kind):
        return Stream(WAR_ROOM.kind, stream.id)
    if stream.kind == FOLLOW_UP.kind:
        about = connection.execute(_ABOUT, {"of_id": stream.id}).scalar() or ""
        what, _, room_id = about.partition(":")
        return Stream(WAR_ROOM.kind, room_id) if what in ("room", "exception") else stream
    return stream if stream.kind == CLEARANCE.kind else None


def _events(connection: Connection, stream: Stream) -> Sequence[Any]:
    asked = {"of_kind": stream.kind, "of_stream": stream.id}
    return connection.execute(_EVENTS, asked).all()


def _is_in(record: Sequence[Any], who: Somebody) -> bool:
    theirs = Theirs(who)
    theirs.expect(record)
    return any(theirs.among(row) for row in record)

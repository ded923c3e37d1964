"""In what is not over somebody has a part: war rooms, exceptions and follow-ups."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.makers import accounts_of
from bot.domain.somebody import Somebody
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.exceptions import active
from bot.storage.rows import VIEWS

_ROOMS = select(t.rooms.c.document).where(t.rooms.c.state == t.OPEN).order_by(t.rooms.c.id)
_OWED = (
    select(t.follow_ups.c.document)
    .where(t.follow_ups.c.state == t.OPEN)
    .order_by(t.follow_ups.c.id)
)
_ALL = select(t.rooms.c.document).order_by(t.rooms.c.id)


def open_parts(connection: Connection, who: Somebody, now: datetime) -> Iterator[str]:
    """What somebody has a part in that is not over, a few words each."""
    for document in connection.execute(_ROOMS).scalars():
        room = VIEWS["war_room"].read(document)
        if has_part(room, who):
            yield f"war room {room.id} is open"
    for exception in active(connection, now):
        unknown = accounts_of(exception.unknown_makers)
        if any(map(who.is_person, exception.people.values())) or who.is_one_with("", unknown):
            yield f"exception {exception.id} is active until {exception.until:%Y-%m-%d %H:%M} UTC"
    for document in connection.execute(_OWED).scalars():
        owed = VIEWS["follow_up"].read(document)
        if any(map(who.is_person, owed.people.values())):
            yield f"follow-up {owed.id} is open"


def has_part(room: WarRoom, who: Somebody) -> bool:
    """Whether somebody is in a room, by their name or an account that it has."""
    accounts = {*room.owners}
    for made in room.contents.made_by:
        accounts.update(accounts_of(made.makers))
    return any(map(who.is_person, room.people.values())) or who.is_one_with("", accounts)

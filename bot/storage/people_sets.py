"""Sets of people, by which rooms are found that ask somebody.

Rules
- Somebody is in a set by the name under which a room knows them, and by each of their accounts: a
  room that was opened before somebody got another name is found as well.
- A set is written down by the first room that has it, and never changed: its id is a digest of
  what is in it. One that no open room has any more stays, as the next one may have it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, Insert, bindparam, select

from bot.domain.person import Person
from bot.domain.war_room import State, WarRoom
from bot.storage import tables as t
from bot.storage.upserts import insert_or

_s, _r = t.sets_of_people.c, t.rooms.c
_THERE = select(_s.set_id).where(_s.set_id.in_(bindparam("ids", expanding=True))).distinct()
_OF = select(_s.set_id).where(_s.member.in_(bindparam("known", expanding=True))).distinct()
_OPEN_ONE = select(_r.id).where(_r.state == t.OPEN)
_ids: BindParameter[str] = bindparam("ids", expanding=True)
# Without hints SQLite reads every open room by another index. The sets are asked for first, and not
# within: PostgreSQL would take all open rooms and look which of them have one.
_MADE = _OPEN_ONE.with_hint(t.rooms, "INDEXED BY ix_rooms_initiators_id", "sqlite")
_HELD = _OPEN_ONE.with_hint(t.rooms, "INDEXED BY ix_rooms_holders_id", "sqlite")
_asking = t.rooms.alias("asking")
_ROOMS = (
    select(_asking.c.document)
    .where(
        _asking.c.id.in_(
            _MADE.where(_r.initiators_id.in_(_ids)).union(_HELD.where(_r.holders_id.in_(_ids)))
        )
    )
    .order_by(_asking.c.expires_at)
    .limit(bindparam("most"))
)


class PeopleOf(NamedTuple):
    """The sets of an open room; None where there is nobody."""

    initiators: str | None
    holders: str | None


def rooms_asking(connection: Connection, person: Person, most: int) -> Sequence[str]:
    """The documents of the open rooms that somebody made the change of, or holds a role in.

    The earliest deadline first.
    """
    ids = connection.execute(_OF, {"known": _known_as(person)}).scalars().all()
    if not ids:
        return ()
    return connection.execute(_ROOMS, {"ids": ids, "most": most}).scalars().all()


def people_of(room: WarRoom) -> PeopleOf:
    """The ids of a room's sets."""
    made, hold = _sets(room)
    return PeopleOf(_id(made) if made else None, _id(hold) if hold else None)


def same_people(room: WarRoom, other: WarRoom) -> bool:
    """Whether two states of a room have the same sets for certain."""
    return (room.state, room.people, room.initiators, room.assignments) == (
        other.state,
        other.people,
        other.initiators,
        other.assignments,
    )


def add_sets(connection: Connection, rooms: Iterable[tuple[WarRoom, PeopleOf]]) -> None:
    """Write down the sets of these rooms that nobody has written down yet, in one order."""
    having = {set_id: room for room, people in rooms for set_id in people if set_id}
    if not having:
        return
    there = set(connection.execute(_THERE, {"ids": sorted(having)}).scalars())
    missing = sorted(having.keys() - there)
    sets = {_id(members): members for set_id in missing for members in _sets(having[set_id])}
    new = [{"set_id": set_id, "member": member} for set_id in missing for member in sets[set_id]]
    if new:
        connection.execute(_add(connection.dialect.name), new)


def wrong_sets(connection: Connection) -> Iterator[str]:
    """What is wrong with the sets that are written down, and with those that rooms have."""
    asked = select(t.sets_of_people).order_by(_s.set_id, _s.member)
    for set_id, rows in groupby(connection.execute(asked), key=attrgetter("set_id")):
        if _id(sorted(row.member for row in rows)) != set_id:
            yield f"the set of people {set_id} is not what its id says"
    for column in (_r.initiators_id, _r.holders_id):
        written = select(_s.set_id).where(_s.set_id == column).exists()
        missing = select(_r.id).where(_r.state == t.OPEN, column.is_not(None), ~written)
        for room_id in connection.execute(missing).scalars():
            yield f"room {room_id} has people of which no set is written down"


@cache
def _add(dialect: str) -> Insert:
    return insert_or(t.sets_of_people, dialect).on_conflict_do_nothing()


def _sets(room: WarRoom) -> tuple[list[str], list[str]]:
    if room.state is not State.OPEN:
        return [], []
    holders = (name for each in room.assignments for name in each.holders)
    return _members(room, room.initiators), _members(room, holders)


def _known_as(person: Person) -> list[str]:
    """What somebody may stand in a set as."""
    return [person.name, *person.accounts]


def _members(room: WarRoom, names: Iterable[str]) -> list[str]:
    return sorted({known for name in names for known in _known_as(room.person(name))})


def _id(members: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(members).encode()).hexdigest()[:32]

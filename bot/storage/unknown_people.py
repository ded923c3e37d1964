"""Rooms in which somebody isn't known, or is known by two names: asked when people have changed.

All documents of the rooms that come into question are looked through: nothing that anybody waits
for asks this.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from bot.domain.person import Person
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.store import Store

_r = t.rooms.c


def open_rooms_with(store: Store, person: Person) -> list[WarRoom]:
    """The open rooms that know this person, by any account; the earliest deadline first."""
    known = (person.name, *person.accounts)
    named = or_(*(_r.document.contains(f'"{each}"', autoescape=True) for each in known))
    return _rooms(store, _open(named))


def open_rooms_with_unknown(store: Store) -> list[WarRoom]:
    """The open rooms with an account of which neither configuration nor Slack said whose."""
    named = _r.document.contains('"],"known":')  # a maker's: people have accounts too
    return [room for room in _rooms(store, _open(named)) if room.unsettled]


def rooms_with_unknown(store: Store, since: datetime) -> list[WarRoom]:
    """The same of all rooms that were opened since then, the newest first."""
    question = (
        select(_r.document)
        .where(_r.opened_at >= since, _r.document.contains('"known":false'))
        .order_by(_r.opened_at.desc())
    )
    return [room for room in _rooms(store, question) if room.unknown_makers]


def _open(condition: ColumnElement[bool]) -> Select[str]:
    return select(_r.document).where(_r.state == t.OPEN, condition).order_by(_r.expires_at)


def _rooms(store: Store, question: Select[str]) -> list[WarRoom]:
    documents = store.ask(lambda connection: connection.execute(question).scalars().all())
    return [WarRoom.read(document) for document in documents]

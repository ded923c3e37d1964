"""What is asked of follow-ups; nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from bot.domain.follow_up import FollowUp
from bot.domain.person import Person
from bot.storage import tables as t
from bot.storage.store import Store
from bot.storage.utc_microseconds import UtcMicroseconds

_c = t.follow_ups.c
_THIS = select(_c.document).where(_c.id == bindparam("follow_up"))
_OPEN = select(_c.document).where(_c.state == t.OPEN).order_by(_c.until, _c.id)
_ABOUT = select(_c.id).where(_c.state == t.OPEN, _c.about == bindparam("about")).order_by(_c.id)
_COUNT = (
    select(_c.kind, _c.team, func.count(), func.min(_c.opened_at, type_=UtcMicroseconds()))
    .where(_c.state == t.OPEN)
    .group_by(_c.kind, _c.team)
    .order_by(_c.kind, _c.team)
)


@dataclass(frozen=True, slots=True)
class OwedCount:
    """So many follow-ups of a kind a team owes, the oldest since then."""

    kind: str
    team: str | None
    count: int
    oldest: datetime


def follow_up(store: Store, follow_up_id: str) -> FollowUp | None:
    """The follow-up with this id. DatabaseUnavailableError."""
    asked = {"follow_up": follow_up_id}
    document = store.ask(lambda connection: connection.execute(_THIS, asked).scalar())
    return FollowUp.read(document) if document else None


def open_follow_ups(store: Store) -> list[FollowUp]:
    """All that is owed, the earliest end first. DatabaseUnavailableError."""
    return store.ask(lambda connection: _read(connection, _OPEN))


def owed_by(store: Store, person: Person) -> list[FollowUp]:
    """What somebody owes, the earliest end first. DatabaseUnavailableError."""
    known = (person.name, *person.accounts)
    named = or_(*(_c.document.contains(f'"{each}"', autoescape=True) for each in known))
    found = store.ask(lambda connection: _read(connection, _OPEN.where(named)))
    return [owed for owed in found if owed.owner == owed.name_of(person)]


def stored_about(connection: Connection, about: str) -> list[str]:
    """The ids of what is owed about something, such as `exception:…`, as the rows have it."""
    return list(connection.execute(_ABOUT, {"about": about}).scalars())


def owed_count(connection: Connection) -> list[OwedCount]:
    """All that is owed, counted."""
    return [OwedCount(*row) for row in connection.execute(_COUNT)]


def _read(connection: Connection, question: Select[str]) -> list[FollowUp]:
    return [FollowUp.read(document) for document in connection.execute(question).scalars()]

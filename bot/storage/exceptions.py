"""What is asked of the exceptions that there are, each function named for its question."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select

from bot.domain.exception import PolicyException
from bot.domain.person import Person
from bot.domain.war_room import WarRoom
from bot.storage import tables as t

_e, _r = t.exceptions.c, t.rooms.c


def _is_active(now: datetime) -> ColumnElement[bool]:
    """What `PolicyException.is_active` says, of a row."""
    return and_(_e.state == t.ACTIVE, _e.until > now)


class Ends(NamedTuple):
    """When an exception ends, and whose it is."""

    id: str
    policy_id: str
    team: str | None
    until: datetime


def exception(connection: Connection, exception_id: str) -> PolicyException | None:
    """The exception that the decision of this room made."""
    question = select(_e.document).where(_e.id == exception_id)
    document = connection.execute(question).scalar()
    return PolicyException.read(document) if document else None


def active(connection: Connection, now: datetime) -> list[PolicyException]:
    """All that are active, those that end first first."""
    question = select(_e.document).where(_is_active(now))
    documents = connection.execute(question.order_by(_e.until, _e.id)).scalars()
    return [PolicyException.read(document) for document in documents]


def ends(connection: Connection, now: datetime, most: int) -> list[Ends]:
    """When the active ones end: those that do so first, at most so many."""
    question = (
        select(_e.id, _e.policy_id, _e.team, _e.until)
        .where(_is_active(now))
        .order_by(_e.until, _e.id)
        .limit(most)
    )
    return [Ends(*row) for row in connection.execute(question)]


def active_in_rooms(
    connection: Connection, now: datetime, owner: Person | None = None
) -> list[tuple[PolicyException, WarRoom]]:
    """The same with the room that decided, which says who may see it; of `owner`, where given."""
    question = (
        select(_e.document, _r.document)
        .join(t.rooms, _r.id == _e.id)
        .where(_is_active(now))
        .order_by(_e.until, _e.id)
    )
    if owner:
        question = question.where(_e.owner.in_((owner.name, *owner.accounts)))
    found = connection.execute(question)
    return [(PolicyException.read(each), WarRoom.read(room)) for each, room in found]


def until_after(connection: Connection, moment: datetime) -> list[PolicyException]:
    """All whose end lies after `moment`, those too that were revoked before it came."""
    documents = connection.execute(select(_e.document).where(_e.until > moment)).scalars()
    return [PolicyException.read(document) for document in documents]


def without_stream(connection: Connection, since: datetime) -> list[str]:
    """The rooms whose exceptions no stream knows, whose end was not told and is not before then."""
    question = select(_r.id).where(
        _r.valid_until > since,
        _r.document.contains('"exception_ended_at":null'),
        ~select(_e.id).where(_e.id == _r.id).exists(),
    )
    return sorted(connection.execute(question).scalars())

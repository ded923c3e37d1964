"""How the work stands: rooms, the outbox and the clock, as the database has them.

Rules
- An effect is due when a worker could deliver it now: it is pending, its time has come, and
  nothing stands before it in its lane. What waits for Slack (put off), for another worker's lease,
  for the channel, or for a person to retry it (parked) is not due, and so makes nobody late.
- A timer is due from its time on: it waits for nothing and nobody.
- One read, one moment: the figures of an answer belong together.
- What grows for ever (rooms) is counted in an index; what is read whole (the outbox) is short
  unless something is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, select, text

from bot.domain.effects import Urgency
from bot.storage import tables as t

# What somebody is paged after: a violation came in, a step of the ladder, a hand-off.
_CALLS = ("opened", "joined", "escalated", "handed_off")


@dataclass(frozen=True, slots=True)
class Due:
    """What should have been done: how much, and when the oldest of it could have been."""

    count: int = 0
    oldest: datetime | None = None

    def late(self, now: datetime) -> timedelta:
        """How late the oldest is; nothing due is nothing late."""
        return max(timedelta(0), now - self.oldest) if self.oldest else timedelta(0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The effects of one urgency that are not yet delivered, and those of them that are due."""

    depth: int = 0
    due: Due = Due()


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the work is done in time."""

    outbox: Mapping[Urgency, Waiting]
    parked: int
    timers: Due


@dataclass(frozen=True, slots=True)
class Rooms:
    """So many rooms of a policy are in this state, with this outcome."""

    state: str
    policy_id: str
    outcome: str | None
    count: int


def one_moment(connection: Connection) -> None:
    """Let all that is asked next on this connection see the same; SQLite's reads do anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def health(connection: Connection, now: datetime) -> Health:
    """How the outbox and the clock stand at `now`; every urgency is in it."""
    one_moment(connection)
    e = t.effects.c
    parked = select(func.count()).select_from(t.effects).where(e.state == t.PARKED)
    timers = select(func.count(), func.min(t.timers.c.due_at)).where(t.timers.c.due_at <= now)
    return Health(
        outbox=_outbox(connection, now),
        parked=connection.execute(parked).scalar_one(),
        timers=Due(*connection.execute(timers).one()),
    )


def rooms(connection: Connection) -> list[Rooms]:
    """All rooms there ever were, counted."""
    r = t.rooms.c
    groups = (r.state, r.policy_id, r.outcome)
    rows = connection.execute(select(*groups, func.count().label("count")).group_by(*groups))
    return [Rooms(*row) for row in rows]


def called_at(connection: Connection, room_id: str, until: datetime) -> datetime | None:
    """When a page that was written down at `until` was called for.

    That is earlier where the person's name had to be looked up first.
    """
    e = t.events.c
    question = select(func.max(e.at)).where(e.room_id == room_id, e.at <= until, e.kind.in_(_CALLS))
    return connection.execute(question).scalar()


def _outbox(connection: Connection, now: datetime) -> dict[Urgency, Waiting]:
    e, earlier = t.effects.c, t.effects.alias("earlier")
    before = and_(earlier.c.lane == e.lane, earlier.c.state == t.PENDING, earlier.c.id < e.id)
    is_due = and_(e.next_attempt_at <= now, ~select(earlier.c.id).where(before).exists())
    since = case((is_due, e.next_attempt_at))
    question = (
        select(e.urgency, func.count(), func.count(since), func.min(since))
        .where(e.state == t.PENDING)
        .group_by(e.urgency)
    )
    found = {
        Urgency(urgency): Waiting(depth, Due(count, oldest))
        for urgency, depth, count, oldest in connection.execute(question)
    }
    return {urgency: found.get(urgency, Waiting()) for urgency in Urgency}

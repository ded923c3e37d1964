"""How the work stands: rooms, the outbox and the clock, as the database has them.

Rules
- An effect is due when a worker could deliver it now: it is pending, its time has come, nothing
  stands before it in its lane, and there is a budget for it. What waits for Slack (put off), for a
  budget, for another worker's lease, for the channel, or for a person to retry it (parked) is not
  due, and so makes nobody late. Nor is what this version has no kind for: it isn't counted.
- It is due since the last of these came true: a queue that moves as fast as its budget allows is
  not late, however long it is; one that nobody serves is, once its budget is free.
- A timer is due from its time on: it waits for nothing and nobody.
- One read, one moment: the figures of an answer belong together.
- What grows for ever (rooms) is counted in an index; what is read whole (the outbox) is short
  unless something is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    func,
    select,
    text,
)

from bot.domain.lifecycle import WAR_ROOM
from bot.engine.aggregates import TIMERS
from bot.outbox.budgets import WAIT_MOST
from bot.outbox.claim import IS_HEAD
from bot.outbox.kinds import Kinds, Urgency
from bot.storage import tables as t
from bot.storage.utc_microseconds import UtcMicroseconds

# What somebody is paged after: a violation came in, a step of the ladder, a hand-off.
_CALLS = ("opened", "joined", "escalated", "handed_off")

_e, _target = t.effects.c, t.budgets.alias("target")
# A bucket that is free only long after now is the mark of a clock that was set back.
_HOLDS = t.budgets.c.free_at <= bindparam("far", type_=UtcMicroseconds())
_TARGET_HOLDS = and_(
    _target.c.name == _e.target,
    _target.c.free_at <= bindparam("far", type_=UtcMicroseconds()),
    _target.c.free_at > _e.next_attempt_at,
)
_since = func.coalesce(_target.c.free_at, _e.next_attempt_at, type_=UtcMicroseconds())
_due_since = case((and_(_since <= bindparam("now", type_=UtcMicroseconds()), IS_HEAD), _since))
_EFFECTS = (
    select(
        _e.kind,
        _e.uncertain,
        func.count(),
        func.count(_due_since),
        func.min(_due_since, type_=UtcMicroseconds()),
    )
    .outerjoin_from(t.effects, _target, _TARGET_HOLDS)
    .where(_e.state == t.PENDING)
    .group_by(_e.kind, _e.uncertain)
)

_event = t.events.c
_CALLED_AT = select(func.max(_event.at)).where(
    _event.stream_kind == WAR_ROOM.kind,
    _event.stream_id == bindparam("room"),
    _event.at <= bindparam("until"),
    _event.kind.in_(_CALLS),
)


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


def health(connection: Connection, now: datetime, kinds: Kinds) -> Health:
    """How the outbox and the clock stand at `now`; every urgency is in it."""
    one_moment(connection)
    at = {"now": now, "far": now + WAIT_MOST}
    names = t.budgets.c.name.in_(list(kinds.budget.methods))
    budgets = select(t.budgets.c.name, t.budgets.c.free_at).where(names, _HOLDS)
    free_at = {row.name: row.free_at for row in connection.execute(budgets, at)}
    outbox = dict.fromkeys(Urgency, Waiting())
    for name, uncertain, depth, count, oldest in connection.execute(_EFFECTS, at):
        kind = kinds.get(name)
        if kind is None:
            continue
        waiting = outbox[kind.urgency]
        due = waiting.due
        if oldest:
            methods = kind.price(uncertain=uncertain)
            since = max([oldest, *(free_at[method] for method in methods if method in free_at)])
            if since <= now:
                due = Due(due.count + count, min(due.oldest or since, since))
        outbox[kind.urgency] = Waiting(waiting.depth + depth, due)
    parked = select(func.count()).select_from(t.effects).where(_e.state == t.PARKED)
    timers = select(func.count(), func.min(t.timers.c.due_at)).where(
        t.timers.c.due_at <= now, t.IS_TIMER_OF
    )
    return Health(
        outbox=outbox,
        parked=connection.execute(parked).scalar_one(),
        timers=Due(*connection.execute(timers, {"known": TIMERS}).one()),
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
    return connection.execute(_CALLED_AT, {"room": room_id, "until": until}).scalar()

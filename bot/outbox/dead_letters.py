"""What was given up, for whoever mends the reason: shown, and put back.

Rules
- What is put back is due at once, in the place of its lane that its id gives it.
- Its attempts stay: they number the claims, and somebody who lost one must not own the next.
- Whether it was perhaps done stays too: then it is looked up before it is repeated.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from bot.storage import tables as t
from bot.storage.notify import notify
from bot.storage.store import Store

_e = t.effects.c
_FIELDS = (_e.id, _e.stream_id, _e.kind, _e.lane, _e.created_at, _e.attempts)
_DIRECT = "dm:"  # what lanes to people begin with, within their room


@dataclass(frozen=True, slots=True)
class Parked:
    """An effect that was given up; `to` is a person, or the lane within its room."""

    id: int
    room_id: str | None
    kind: str
    to: str
    since: datetime
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was given up, oldest first; how much is still to be tried, and since when."""

    parked: tuple[Parked, ...]
    pending: int
    oldest: datetime | None


def undelivered(store: Store) -> Undelivered:
    """What has not reached anybody yet."""
    given_up = select(*_FIELDS, _e.last_error).where(_e.state == t.PARKED).order_by(_e.id)
    waiting = select(func.count(), func.min(_e.created_at)).where(_e.state == t.PENDING)

    def ask(connection: Connection) -> Undelivered:
        parked = tuple(
            Parked(
                id=row.id,
                room_id=row.stream_id,
                kind=row.kind,
                to=row.lane.rpartition("/")[2].removeprefix(_DIRECT),
                since=row.created_at,
                attempts=row.attempts,
                reason=row.last_error or "",
            )
            for row in connection.execute(given_up)
        )
        count, oldest = connection.execute(waiting).one()
        return Undelivered(parked, count, oldest)

    return store.ask(ask)


def put_back(
    connection: Connection, now: datetime, wanted: Collection[int] | None
) -> tuple[int, ...]:
    """Try these again, or all with None; gives the ids of those that were parked."""
    change = (
        update(t.effects)
        .where(_e.state == t.PARKED)
        .values(state="pending", next_attempt_at=now, tried_since=now)
        .returning(_e.id)
    )
    if wanted is not None:
        change = change.where(_e.id.in_(wanted))
    back = tuple(sorted(connection.execute(change).scalars()))
    notify(connection, effects=bool(back), timers=False, streams=set())
    return back

"""The outbox: effects that are due, claimed under a lease, delivered or put off.

Rules
- Only the head of a lane can be claimed; the most urgent lanes come first.
- A claim moves `next_attempt_at` to the end of the lease; nobody else sees the effect until then.
- From the claim until the answer is known an effect is `uncertain`: a second attempt has to look
  up whether the first one worked.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.domain.effects import EffectKind
from bot.storage import tables as t

_earlier = t.effects.alias("earlier")
_DUE = (
    select(t.effects)
    .where(
        t.effects.c.state == t.PENDING,
        t.effects.c.next_attempt_at <= bindparam("now"),
        ~select(_earlier.c.id)
        .where(
            _earlier.c.lane == t.effects.c.lane,
            _earlier.c.state == t.PENDING,
            _earlier.c.id < t.effects.c.id,
        )
        .exists(),
    )
    .order_by(t.effects.c.urgency, t.effects.c.severity, t.effects.c.deadline, t.effects.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=t.effects)
)
_BY_ID = t.effects.c.id == bindparam("effect")


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that is ours until the lease ends."""

    id: int
    room_id: str | None
    kind: EffectKind
    lane: str
    payload: dict[str, str]
    attempts: int
    uncertain: bool
    created_at: datetime


def claim(
    connection: Connection, now: datetime, lease: timedelta, limit: int
) -> tuple[Claimed, ...]:
    """Up to `limit` effects that are due, for the length of the lease."""
    rows = connection.execute(_DUE, {"now": now, "limit": limit}).all()
    if rows:
        connection.execute(
            update(t.effects)
            .where(_BY_ID)
            .values(next_attempt_at=now + lease, attempts=t.effects.c.attempts + 1, uncertain=True),
            [{"effect": row.id} for row in rows],
        )
    return tuple(
        Claimed(
            id=row.id,
            room_id=row.room_id,
            kind=EffectKind(row.kind),
            lane=row.lane,
            payload=json.loads(row.payload),
            attempts=row.attempts + 1,
            uncertain=row.uncertain,
            created_at=row.created_at,
        )
        for row in rows
    )


def delivered(connection: Connection, effect_id: int) -> None:
    """It is done: the room's events say what came of it."""
    connection.execute(delete(t.effects).where(_BY_ID), {"effect": effect_id})


def put_off(
    connection: Connection, effect_id: int, until: datetime, error: str, *, uncertain: bool
) -> None:
    """It failed in passing: again at `until`."""
    values = {"next_attempt_at": until, "last_error": error, "uncertain": uncertain}
    connection.execute(update(t.effects).where(_BY_ID).values(values), {"effect": effect_id})


def park(connection: Connection, effect_id: int, error: str) -> None:
    """It failed for good: kept, counted, and out of the way of its lane."""
    values = {"state": "parked", "last_error": error, "uncertain": False}
    connection.execute(update(t.effects).where(_BY_ID).values(values), {"effect": effect_id})

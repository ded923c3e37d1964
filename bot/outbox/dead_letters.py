"""What was given up, for whoever mends the reason: shown, put back, or dropped.

Rules
- What is put back is due at once, in the place of its lane that its id gives it.
- Its attempts stay: they number the claims, and somebody who lost one must not own the next.
- Whether it was perhaps done stays too: then it is looked up before it is repeated.
- What is dropped is in the record of its room: what, why and by whom, in one transaction with it.
  What belongs to no room is logged.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, delete, func, select, update

from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM, Actor
from bot.domain.policy import Rules
from bot.domain.refusal import Refusal
from bot.domain.reported import RecordDropped
from bot.engine.streams import Followers, Streams
from bot.storage import tables as t
from bot.storage.notify import notify
from bot.storage.store import Store, policy_on
from bot.storage.transaction import Transaction

log = structlog.get_logger()

_e = t.effects.c
_PARKED = select(
    _e.id,
    _e.stream_kind,
    _e.stream_id,
    _e.kind,
    _e.lane,
    _e.payload,
    _e.created_at,
    _e.attempts,
    _e.last_error,
).where(_e.state == t.PARKED)
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


class NotDroppedError(Exception):
    """An effect that can't be dropped, with the reason."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was given up, oldest first; how much is still to be tried, and since when."""

    parked: tuple[Parked, ...]
    pending: int
    oldest: datetime | None


def undelivered(store: Store) -> Undelivered:
    """What has not reached anybody yet."""
    given_up = _PARKED.order_by(_e.id)
    waiting = select(func.count(), func.min(_e.created_at)).where(_e.state == t.PENDING)

    def ask(connection: Connection) -> Undelivered:
        parked = tuple(map(_parked, connection.execute(given_up)))
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


def drop(
    connection: Connection,
    followers: Followers,
    now: datetime,
    effect_id: int,
    why: str,
    by: Actor,
) -> Parked:
    """Give an effect up for good, as the operator `by` wants it; gives what it was.

    NotDroppedError where it isn't parked, or its room doesn't take it.
    """
    row = connection.execute(_PARKED.where(_e.id == effect_id).with_for_update()).first()
    if row is None:
        raise NotDroppedError(f"Not parked: {effect_id}. See `warroom outbox list`.")
    parked, operator = _parked(row), by.account or by.person.name
    connection.execute(delete(t.effects).where(_e.id == effect_id))
    bound = log.bind(effect=parked.id, kind=parked.kind, to=parked.to, error=parked.reason)
    if row.stream_kind != WAR_ROOM.kind:
        bound.warning("effect.dropped", why=why, operator=operator)
        return parked
    transaction = Transaction(connection, now, locking=True)
    command = RecordDropped(
        effect=parked.kind,
        to=parked.to,
        error=parked.reason,
        why=why,
        operator=operator,
        account=json.loads(row.payload).get("account"),
    )
    streams = Streams((WAR_ROOM,), followers, _rules)
    answer = streams.apply(transaction, WAR_ROOM, row.stream_id, command, BY_SYSTEM)
    if isinstance(answer, Refusal):
        raise NotDroppedError(answer.message)
    transaction.flush()
    bound.warning("effect.dropped", room=row.stream_id)
    return parked


def _parked(row: Any) -> Parked:  # noqa: ANN401 - a row of `effects`
    return Parked(
        id=row.id,
        room_id=row.stream_id if row.stream_kind == WAR_ROOM.kind else None,
        kind=row.kind,
        to=row.lane.rpartition("/")[2].removeprefix(_DIRECT),
        since=row.created_at,
        attempts=row.attempts,
        reason=row.last_error or "",
    )


def _rules(connection: Connection, digest: str) -> Rules:
    """What a room was opened under. LookupError where that is not on record."""
    policy = policy_on(connection, digest)
    if policy is None:
        raise LookupError(f"policy {digest} is not on record")
    return Rules(policy, digest)

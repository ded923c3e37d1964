"""The outbox: effects that are due, claimed under a lease, delivered or put off.

Rules
- Only the head of a lane can be claimed; the most urgent kinds come first, within a kind the most
  severe, then the earliest deadline. Where a claim asks for it, whoever has waited longest does.
- A claim takes what its budget allows, and moves `next_attempt_at` to the end of the lease; nobody
  else sees the effect until then. `attempts` counts the claims: who lost a lease puts nothing off.
- From the claim until the answer is known an effect is `uncertain`: a second attempt has to look
  up whether the first one worked.
- What a later effect of its lane supersedes is dropped, once its turn has come.
- A claim reads as many effects as it takes, in the order in which it takes them: with 17,000 that
  wait it costs what it costs with a hundred.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from bot.domain.lifecycle import WAR_ROOM
from bot.outbox import budgets, digests
from bot.outbox.budgets import WAIT_MOST, Buckets, blocked
from bot.outbox.delivery import Claimed
from bot.outbox.kinds import EffectKind, Kinds
from bot.storage import tables as t
from bot.storage.transaction import Transaction
from bot.storage.utc_microseconds import UtcMicroseconds

_e = t.effects.c
_other = t.effects.alias("other")
_IS_DUE = and_(
    _e.state == t.PENDING, _e.kind == bindparam("of"), _e.next_attempt_at <= bindparam("now")
)
IS_HEAD = ~(
    select(_other.c.id)
    .where(_other.c.lane == _e.lane, _other.c.state == t.PENDING, _other.c.id < _e.id)
    .exists()
)
_MAY_POST = or_(
    _e.target.is_(None),
    ~select(t.budgets.c.name)
    .where(
        t.budgets.c.name == _e.target,
        t.budgets.c.free_at > bindparam("now"),
        t.budgets.c.free_at <= bindparam("far"),
    )
    .exists(),
)
_DROP_SUPERSEDED = delete(t.effects).where(
    _e.lane.in_(bindparam("lanes", expanding=True)),
    _IS_DUE,
    or_(~_e.uncertain, bindparam("retry_unconfirmed")),
    select(_other.c.id)
    .where(
        _other.c.lane == _e.lane,
        _other.c.state == t.PENDING,
        _other.c.kind == _e.kind,
        _other.c.id > _e.id,
    )
    .exists(),
)


def _claimable(index: str, *order: Any) -> Select[Any]:  # noqa: ANN401 - columns of any type
    return (
        select(t.effects)
        .with_hint(t.effects, f"INDEXED BY {index}", "sqlite")
        .where(_IS_DUE, IS_HEAD, _MAY_POST, or_(~_e.uncertain, bindparam("retry_unconfirmed")))
        .order_by(*order)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=t.effects)
    )


_MOST_SEVERE = _claimable("ix_effects_order", _e.severity, _e.deadline, _e.id)
_LONGEST_WAITING = _claimable("ix_effects_due", _e.next_attempt_at, _e.id)


@cache
def _firsts(names: tuple[str, ...]) -> Select[Any]:
    """When the first of each kind is due, then the first after now: one question.

    It is answered by a look at two places of an index for each kind.
    """
    when = func.min(_e.next_attempt_at, type_=UtcMicroseconds())
    firsts = [select(when).where(_e.state == t.PENDING, _e.kind == name) for name in names]
    later = [first.where(_e.next_attempt_at > bindparam("now")) for first in firsts]
    return select(*(question.scalar_subquery() for question in (*firsts, *later)))


_LEASE = (
    update(t.effects)
    .where(_e.id == bindparam("effect"))
    .values(
        next_attempt_at=bindparam("lease_ends"),
        attempts=_e.attempts + 1,
        uncertain=True,
        last_error=None,
    )
)
_OURS = and_(_e.id == bindparam("effect"), _e.attempts == bindparam("claim"))


@dataclass(frozen=True, slots=True)
class Claimable:
    """What can be claimed: since when the first of each kind is due, and when to look again."""

    since: Mapping[str, datetime]
    next_at: datetime | None


def waiting(connection: Connection, now: datetime, kinds: Kinds) -> Claimable:
    """What is due at `now` and has a budget."""
    row = connection.execute(_firsts(tuple(kinds)), {"now": now}).one()
    firsts: dict[str, datetime | None] = dict(zip(kinds, row[: len(kinds)], strict=True))
    due = {name: first for name, first in firsts.items() if first and first <= now}
    later = [when for when in row[len(kinds) :] if when]
    methods = {name: cost.method for name in due if (cost := kinds[name].cost)}
    none_left = blocked(connection, now, set(methods.values())) if methods else {}
    ready = {name: since for name, since in due.items() if methods.get(name) not in none_left}
    return Claimable(ready, min([*later, *none_left.values()], default=None))


def claim(  # noqa: PLR0913 - what a claim depends on
    connection: Connection,
    now: datetime,
    lease: timedelta,
    limit: int,
    kinds: Kinds,
    names: Iterable[str],
    *,
    oldest_first: bool = False,
    retry_unconfirmed: bool = True,
) -> tuple[Claimed, ...]:
    """Up to `limit` effects of the kinds with these names that are due, under a lease.

    They are served in this order; `retry_unconfirmed`: also those that may have been delivered.
    """
    buckets = Buckets(connection, kinds.budget, now)
    # Pages turn into digests while they are claimed.
    with_digests = (each for name in names for each in (name, kinds[name].digest) if each)
    served = [kinds[name] for name in dict.fromkeys(with_digests)]
    buckets.read(method for kind in served for method in kind.price(uncertain=True))
    claiming = _Claiming(connection, now, kinds, buckets, oldest_first, retry_unconfirmed)
    rows: list[Any] = []
    for kind in served:
        rows += claiming.take(kind, limit - len(rows))
    if rows:
        leased = [{"effect": row.id, "lease_ends": now + lease} for row in rows]
        connection.execute(_LEASE, leased)
    buckets.write()
    return tuple(map(_claimed, rows))


def with_rooms(transaction: Transaction, claimed: Sequence[Claimed]) -> Iterator[Claimed]:
    """What was claimed, with its rooms as they stand within the transaction.

    What made it due may be of the same batch, and isn't in the rooms' rows before its end.
    """
    transaction.expect(WAR_ROOM, {each.room_id for each in claimed if each.room_id})
    for each in claimed:
        try:
            room = transaction.state(WAR_ROOM, each.room_id) if each.room_id else None
            yield replace(each, room=room)
        except ValueError as error:  # a row that can't be read holds up its own effects alone
            yield replace(each, unreadable=repr(error))


@dataclass(frozen=True, slots=True)
class _Claiming:
    connection: Connection
    now: datetime
    kinds: Kinds
    buckets: Buckets
    oldest_first: bool
    retry_unconfirmed: bool

    def take(self, kind: EffectKind, limit: int) -> list[Any]:
        """The effects of one kind that are due and paid for."""
        method, *look_up = kind.price(uncertain=True) or ("",)
        left = self.buckets.left(method)
        most = limit if left is None else min(limit, left)
        if most <= 0:
            return []
        asked = {
            "of": kind.name,
            "now": self.now,
            "retry_unconfirmed": self.retry_unconfirmed,
        }
        if any(self.buckets.left(name) == 0 for name in look_up):
            asked["retry_unconfirmed"] = False
        question = _LONGEST_WAITING if self.oldest_first else _MOST_SEVERE
        places = {"far": self.now + WAIT_MOST, "most": most}
        rows = list(self.connection.execute(question, asked | places))
        if kind.latest_wins and rows and self._superseded(rows, asked):
            rows = list(self.connection.execute(question, asked | places))
        if kind.digest and rows:
            digest = self.kinds[kind.digest]
            rows = digests.gather(self.connection, self.now, self.buckets, kind, digest, rows)
        self.buckets.read(row.target for row in rows if row.target)
        paid = []
        for row in rows:
            price = [*kind.price(uncertain=row.uncertain), *([row.target] if row.target else [])]
            if kind.digest and not row.uncertain:
                price.append(digests.pages(row.target))
            if self.buckets.take(*price):
                paid.append(row)
        return paid

    def _superseded(self, rows: Iterable[Any], asked: dict[str, object]) -> bool:
        """Drop what a later effect supersedes in the lanes of these, and say whether it was any."""
        lanes = sorted({row.lane for row in rows})
        return self.connection.execute(_DROP_SUPERSEDED, {**asked, "lanes": lanes}).rowcount > 0


def _claimed(row: Any) -> Claimed:  # noqa: ANN401 - a row of `effects`
    return Claimed(
        id=row.id,
        stream_kind=row.stream_kind,
        stream_id=row.stream_id,
        kind=row.kind,
        lane=row.lane,
        target=row.target,
        payload=json.loads(row.payload),
        attempts=row.attempts + 1,
        uncertain=row.uncertain,
        created_at=row.created_at,
        tried_since=row.tried_since or row.created_at,
    )


def put_off(
    connection: Connection, effect: Claimed, until: datetime, error: str, *, uncertain: bool
) -> None:
    """It failed in passing: again at `until`, unless somebody else has it by now."""
    values = {"next_attempt_at": until, "last_error": error, "uncertain": uncertain}
    _change(connection, effect, values)


def try_from(connection: Connection, effect: Claimed, when: datetime) -> None:
    """For how long it is tried counts from `when` on."""
    _change(connection, effect, {"tried_since": when})


def park(connection: Connection, effect: Claimed, error: str, *, uncertain: bool) -> None:
    """It failed for good: kept, counted, and out of the way of its lane."""
    _change(connection, effect, {"state": "parked", "last_error": error, "uncertain": uncertain})


def _change(connection: Connection, effect: Claimed, values: dict[str, object]) -> None:
    arguments = {"effect": effect.id, "claim": effect.attempts}
    connection.execute(update(t.effects).where(_OURS).values(values), arguments)


def shift(connection: Connection, now: datetime, by: timedelta) -> None:
    """The clock was set back: what waits for a time does not wait that much longer.

    Leases stay as they are, and the budgets begin anew. Where several replicas see the same step,
    what waits comes sooner still.
    """
    sooner = type_coerce(_e.next_attempt_at, BigInteger) - by // timedelta(microseconds=1)
    under_lease = and_(_e.uncertain, _e.last_error.is_(None))
    ahead = update(t.effects).where(_e.state == t.PENDING, _e.next_attempt_at > now, ~under_lease)
    connection.execute(ahead.values(next_attempt_at=sooner))
    budgets.empty(connection)

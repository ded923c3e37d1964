"""Budgets: how often something may be done, in rows that all replicas share.

Rules
- A bucket holds as many tokens as its limit says; each comes back one window after it was taken.
  No window of that length ever sees more than the limit, and none of it is lost.
- Who is told to wait (HTTP 429) stops the bucket for that long, and goes on with no more than had
  gone through; a tenth of the limit comes back with each window that passes.
- Where a clock was set back the books are emptied: what they say lies in the future.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from bot.storage import tables as t
from bot.storage.upserts import insert_or

WAIT_MOST = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ROWS = (
    select(t.budgets)
    .where(t.budgets.c.name.in_(bindparam("names", expanding=True)))
    .order_by(
        t.budgets.c.name
    )  # in one order, so that claims can't wait for each other in a circle
    .with_for_update()
)
_BLOCKED = select(t.budgets.c.name, t.budgets.c.free_at).where(
    t.budgets.c.name.in_(bindparam("names", expanding=True)),
    t.budgets.c.free_at > bindparam("now"),
    t.budgets.c.free_at <= bindparam("far"),
)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many in any `window`."""

    most: int
    window: timedelta

    def at(self, speed: float) -> "Limit":
        """The same `speed` times as often."""
        return Limit(self.most, self.window / speed)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one delivery asks for: its method, and those that tell whether it was done before."""

    method: str
    look_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of methods, of one conversation's messages, of one person's pages and digests."""

    methods: Mapping[str, Limit] = field(default_factory=dict)
    conversation: Limit | None = None
    pages: Limit | None = None
    digests: Limit | None = None

    def limit(self, name: str) -> Limit | None:
        """The limit of a bucket; None where there is none."""
        special = {"pages": self.pages, "digests": self.digests}
        kind = name.partition(":")[0]
        if kind in ("channel", "dm"):
            return self.conversation
        return special[kind] if kind in special else self.methods.get(name)

    def at(self, speed: float) -> "Budget":
        """The same at `speed` times these limits."""
        return Budget(
            methods={name: limit.at(speed) for name, limit in self.methods.items()},
            conversation=self.conversation and self.conversation.at(speed),
            pages=self.pages and self.pages.at(speed),
            digests=self.digests and self.digests.at(speed),
        )

    def __add__(self, other: "Budget") -> "Budget":
        """Both. ValueError where they limit the same thing."""
        ours = (self.conversation, self.pages, self.digests)
        theirs = (other.conversation, other.pages, other.digests)
        if self.methods.keys() & other.methods.keys() or any(
            map(all, zip(ours, theirs, strict=True))
        ):
            raise ValueError("two destinations limit the same methods, messages, pages or digests")
        conversation, pages, digests = (
            our or their for our, their in zip(ours, theirs, strict=True)
        )
        return Budget({**self.methods, **other.methods}, conversation, pages, digests)


UNLIMITED = Budget()


@dataclass(slots=True)
class Bucket:
    """One row: when its tokens were taken, and when there is one again."""

    name: str
    limit: Limit
    taken: list[datetime] = field(default_factory=list)
    free_at: datetime = _EPOCH
    most: int | None = None
    limited_at: datetime | None = None

    def left(self, now: datetime) -> int:
        """How many tokens there are at `now`."""
        if now < self.free_at <= now + WAIT_MOST:
            return 0
        return max(0, self._most(now) - len(self._recent(now)))

    def take(self, now: datetime, count: int = 1) -> None:
        """Take tokens."""
        self.taken = [*self._recent(now), *[now] * count]
        most = self._most(now)
        if len(self.taken) >= most:
            self.free_at = self.taken[-most] + self.limit.window

    def refused(self, now: datetime, wait: timedelta) -> None:
        """The other side has said to wait: then it counts anew, and takes less than before."""
        told = self.limited_at is not None and not self.taken and now < self.free_at
        most = self._most(now) if told else min(self._most(now), len(self._recent(now)))
        until = now + min(wait, WAIT_MOST)
        self.free_at = max(self.free_at, until) if told else until
        self.most = max(1, most - 1)
        self.limited_at = now
        self.taken = []

    def _recent(self, now: datetime) -> list[datetime]:
        return [min(when, now) for when in self.taken if when > now - self.limit.window]

    def _most(self, now: datetime) -> int:
        if self.most is None or self.limited_at is None:
            return self.limit.most
        windows = max(0, (now - self.limited_at) // self.limit.window)
        return min(self.limit.most, self.most + windows * max(1, self.limit.most // 10))


class Buckets:
    """The buckets of one transaction: locked as they are read, written at its end."""

    def __init__(self, connection: Connection, budget: Budget, now: datetime) -> None:
        self._connection = connection
        self._budget = budget
        self._now = now
        self._buckets: dict[str, Bucket] = {}
        self._changed: set[str] = set()

    def read(self, names: Iterable[str]) -> None:
        """Read those that have a limit and were not read yet."""
        limits = {name: self._budget.limit(name) for name in set(names) - self._buckets.keys()}
        buckets = {name: Bucket(name, limit) for name, limit in limits.items() if limit}
        if not buckets:
            return
        rows = self._rows(buckets)
        missing = sorted(buckets.keys() - rows.keys())
        if missing and self._connection.dialect.name == "postgresql":
            # What isn't there can't be locked: each replica would have a full bucket of its own.
            new = [_row(buckets[name]) for name in missing]
            insert = insert_or(t.budgets, "postgresql")
            self._connection.execute(insert.on_conflict_do_nothing(), new)
            rows |= self._rows(missing)
        self._buckets |= {
            name: _bucket(rows[name], bucket.limit) if name in rows else bucket
            for name, bucket in buckets.items()
        }

    def _rows(self, names: Iterable[str]) -> dict[str, Any]:
        rows = self._connection.execute(_ROWS, {"names": list(names)})
        return {row.name: row for row in rows}

    def left(self, name: str) -> int | None:
        """The tokens in a bucket that was read; None where there is no limit."""
        bucket = self._buckets.get(name)
        return bucket.left(self._now) if bucket else None

    def take(self, *names: str) -> bool:
        """Take a token of each; nothing is taken where one has none."""
        buckets = [self._buckets[name] for name in names if name in self._buckets]
        if not all(bucket.left(self._now) for bucket in buckets):
            return False
        for bucket in buckets:
            bucket.take(self._now)
            self._changed.add(bucket.name)
        return True

    def refused(self, name: str, wait: timedelta) -> None:
        """The other side has said to wait: see `Bucket.refused`."""
        self.read([name])
        if name in self._buckets:
            self._buckets[name].refused(self._now, wait)
            self._changed.add(name)

    def free_at(self, name: str) -> datetime:
        """When a bucket that was read has a token again."""
        return self._buckets[name].free_at

    def write(self) -> None:
        """Write what was taken."""
        rows = [_row(self._buckets[name]) for name in sorted(self._changed)]
        if rows:
            self._connection.execute(_upsert(self._connection.dialect.name), rows)


def blocked(connection: Connection, now: datetime, names: Iterable[str]) -> dict[str, datetime]:
    """Which of these buckets have no token at `now`, and when they have one again."""
    asked = {"names": list(names), "now": now, "far": now + WAIT_MOST}
    return {row.name: row.free_at for row in connection.execute(_BLOCKED, asked)}


def empty(connection: Connection) -> None:
    """Begin anew."""
    connection.execute(delete(t.budgets))


def forget(connection: Connection, now: datetime) -> None:
    """Drop the rows of what was not used for long: a full bucket needs none."""
    connection.execute(delete(t.budgets).where(t.budgets.c.free_at < now - FORGOTTEN_AFTER))


def left(connection: Connection, now: datetime, budget: Budget) -> dict[str, int]:
    """The tokens left of each method's limit."""
    names = t.budgets.c.name.in_(list(budget.methods))
    rows = {row.name: row for row in connection.execute(select(t.budgets).where(names))}
    return {
        name: _bucket(rows[name], limit).left(now) if name in rows else limit.most
        for name, limit in budget.methods.items()
    }


@cache
def _upsert(dialect: str) -> Any:  # noqa: ANN401 - one class a dialect
    insert = insert_or(t.budgets, dialect)
    new = {column.name: insert.excluded[column.name] for column in t.budgets.c}
    del new["name"]
    return insert.on_conflict_do_update(index_elements=["name"], set_=new)


def _bucket(row: Any, limit: Limit) -> Bucket:  # noqa: ANN401 - a row of `budgets`
    taken = [_EPOCH + _MILLISECOND * when for when in json.loads(row.taken)]
    return Bucket(row.name, limit, taken, row.free_at, row.most, row.limited_at)


def _row(bucket: Bucket) -> dict[str, object]:
    return {
        "name": bucket.name,
        "taken": json.dumps([(when - _EPOCH) // _MILLISECOND for when in bucket.taken]),
        "free_at": max(bucket.free_at, bucket.taken[-1] if bucket.taken else _EPOCH),
        "most": bucket.most,
        "limited_at": bucket.limited_at,
    }

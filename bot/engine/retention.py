"""What has been kept for as long as its risk class says loses its personal values.

Rules
- `retention` in policies.yaml says for how long after the decision, by the class that the room's
  policy has now. What has no period, or no policy any more, is kept.
- A room goes as a whole: with its exception, what was owed of it, and its violations. It stays
  while its exception is active or something of it is owed, and while a legal hold holds any of that
  (see `storage.held`).
- What goes, goes as in an erasure (see `erasing`), some rooms a transaction, and is on record.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, exists, or_, select

from bot.domain.count import counted
from bot.domain.erasure import ErasedFor
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM
from bot.engine.engine import Engine
from bot.engine.erasing import take
from bot.engine.writer import Order, Waits
from bot.storage import tables as t
from bot.storage.erasing import has_personal, lock_views, of_streams
from bot.storage.held import abouts, held, of_whole
from bot.storage.rebuilding import NewerEventError
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Stream, Transaction

log = structlog.get_logger()

EVERY = timedelta(days=1)
LOOK_EVERY_SECONDS = 1.0
ROOMS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Period:
    """For how long rooms of these policies are kept whole."""

    kept: timedelta
    policies: tuple[str, ...]


async def keep_to_periods(engine: Engine) -> None:
    """Look once a day, and after a change of the periods, until it is cancelled."""
    looked: datetime | None = None
    periods: list[Period] = []
    while True:
        now, before, periods = engine.now(), periods, periods_of(engine)
        if looked is None or now - looked >= EVERY or periods != before:
            try:
                await remove(engine, periods)
                looked = now
            except DatabaseUnavailableError as error:
                log.warning("retention.database_away", error=str(error))
            except NewerEventError as error:
                log.warning("retention.newer_event", error=str(error))
                looked = now
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def periods_of(engine: Engine) -> list[Period]:
    """The periods that are configured now, the shortest first."""
    by_period: dict[timedelta, list[str]] = {}
    for policy, kept in engine.config.kept_for.items():
        by_period.setdefault(kept, []).append(policy)
    return [Period(kept, tuple(sorted(by_period[kept]))) for kept in sorted(by_period)]


async def remove(engine: Engine, periods: Sequence[Period]) -> None:
    """Have the personal values go of all that was kept for long enough.

    DatabaseUnavailableError, NewerEventError.
    """
    for period in periods:
        last = ""
        while rooms := await asyncio.to_thread(_due, engine, period, last):
            last = rooms[-1]
            await engine.write(_removing(engine, period, rooms), Waits.NOBODY)


def _due(engine: Engine, period: Period, after: str) -> list[str]:
    """Some rooms that may go, by their ids."""
    before = engine.now() - period.kept
    return engine.store.ask(lambda connection: _rooms(connection, period, before, after))


def _rooms(connection: Connection, period: Period, before: datetime, after: str) -> list[str]:
    r, e = t.rooms.c, t.events.c
    is_whole = exists().where(
        e.stream_kind == WAR_ROOM.kind, e.stream_id == r.id, has_personal(e.personal)
    )
    question = (
        select(r.id)
        .where(r.state != t.OPEN, r.decided_at <= before, r.policy_id.in_(period.policies))
        .where(r.id > after, is_whole)
        .order_by(r.id)
        .limit(ROOMS_AT_ONCE)
    )
    return list(connection.execute(question).scalars())


def _removing(engine: Engine, period: Period, rooms: Sequence[str]) -> Order[None]:
    def in_one(transaction: Transaction) -> None:
        connection, now = transaction.connection, transaction.now
        lock_views(connection)
        over = [
            Stream(WAR_ROOM.kind, room) for room in rooms if not _is_owed(connection, room, now)
        ]
        kept = {room for room, _ in held(connection, over)}
        streams = [each for room in over if room not in kept for each in of_whole(connection, room)]
        found = of_streams(connection, streams, now)
        if not found.values:  # another process was first
            return
        order = f"kept for {counted(period.kept.days, 'day')}"
        erased = take(engine, transaction, found, ErasedFor.RETENTION, order, BY_SYSTEM)
        log.info("retention.removed", rooms=erased.rooms, values=erased.values)

    return in_one


def _is_owed(connection: Connection, room_id: str, now: datetime) -> bool:
    """Whether its exception is active still, or something of it is owed."""
    x, f = t.exceptions.c, t.follow_ups.c
    active = exists().where(x.id == room_id, x.state == t.ACTIVE, x.until > now)
    owed = exists().where(f.state == t.OPEN, f.about.in_(abouts(room_id)))
    return bool(connection.execute(select(or_(active, owed))).scalar())

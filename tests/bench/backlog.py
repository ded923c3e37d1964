"""What a backlog costs: the claim's share of each effect, with few effects waiting and with many.

Rules
- What waits came in by webhooks, with nobody delivering. Without limits: what limits make of it,
  digests say, is no cost of the backlog.
- CPU is that of this process and of the backends that serve its database.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import delete, func, select

from bot.outbox import claim
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.rows import forget_effects
from tests.bench.bot import Bot
from tests.bench.growth import GROWTH_MOST, backends, thread_seconds
from tests.bench.load import accepted
from tests.bench.row import MILLI, Row
from tests.bench.stock import KINDS, Stock, emptied_outbox
from tests.outgoing import KINDS as UNLIMITED

MANY, FEW = 16_000, 1_600
CLAIMS, AT_ONCE = 20, 32
LEASE = timedelta(seconds=30)


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Both databases."""
    return [await _row(stock, kind, say) for kind in KINDS]


async def _row(stock: Stock, kind: str, say: Callable[[str], None]) -> Row:
    url = await asyncio.to_thread(stock.database, kind, 0)
    emptied_outbox(url)
    say(f"{MANY:,} effects wait on {KINDS[kind]}")
    database = Database(url)
    async with Bot(stock.config, url, web_alone=True) as bot:
        while _count(database) < MANY:
            await accepted(bot.url, AT_ONCE, 2.0)
    many = _cost(url, database)
    with database.write.begin() as connection:
        kept = select(t.effects.c.id).order_by(t.effects.c.id).limit(FEW).scalar_subquery()
        connection.execute(delete(t.effects).where(t.effects.c.id.not_in(kept)))
    few = _cost(url, database)
    database.dispose()
    emptied_outbox(url)
    return Row(
        f"CPU of claiming an effect, {MANY:,} waiting, {KINDS[kind]}",
        f"{MILLI * many:.3f} ms",
        f"{MILLI * few:.3f} ms with {FEW:,} waiting",
        f"+{GROWTH_MOST:.0%} at most, found {many / few - 1:+.0%}",
        many <= few * (1 + GROWTH_MOST),
    )


def _cost(url: str, database: Database) -> float:
    """Of one effect: looked for, claimed, and gone again; the median of some claims."""
    now, found = datetime.now(UTC) + timedelta(minutes=1), []
    for _ in range(CLAIMS):
        before = _cpu(url)
        with database.read.connect() as connection:
            since = claim.waiting(connection, now, UNLIMITED).since
        with database.write.begin() as connection:
            got = claim.claim(connection, now, LEASE, AT_ONCE, UNLIMITED, since)
        with database.write.begin() as connection:
            forget_effects(connection, [effect.id for effect in got])
        found.append((_cpu(url) - before) / len(got))
    return median(found)


def _cpu(url: str) -> float:
    return time.process_time() + sum(map(thread_seconds, backends(url)))


def _count(database: Database) -> int:
    with database.read.connect() as connection:
        return connection.execute(select(func.count()).select_from(t.effects)).scalar_one()

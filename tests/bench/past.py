"""Past the limit: webhooks at twice the rate that the bot can do, and what becomes of them.

What it can do is measured right before, with senders that wait for their answers.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy import select

from bot.storage import tables
from bot.storage.database import Database
from tests.bench.bot import Bot
from tests.bench.clicks import EVERY, clicked, prepared
from tests.bench.flood import BUSY, Flood, flood, webhooks
from tests.bench.load import ACCEPTED, accepted
from tests.bench.row import Row, Waits
from tests.bench.stock import KINDS, Stock

CONCURRENCY = 64
SECONDS, FLOOD_SECONDS = 3.0, 8.0
TIMES = 2
LOOK_EVERY = 0.1
MEMORY_MOST = 64.0  # MB more than before


@dataclass(frozen=True, slots=True)
class Found:
    """One flood: what it could do before, what came, what was lost, memory and clicks meanwhile."""

    rate: float
    came: Flood
    took: float
    lost: int
    memory: tuple[float, float]
    clicks: Waits

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, all else was told to come again, and memory had an end."""
        before, most = self.memory
        others = set(self.came.statuses) - {ACCEPTED, BUSY}
        return not (self.lost or others or self.came.silent) and most - before <= MEMORY_MOST


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """On both databases, with the outbox at work."""
    found = []
    for kind, title in KINDS.items():
        say(f"twice what it can do, {title}")
        async with stock.bot(kind) as bot:
            found += _rows(title, await _flooded(bot))
    return found


async def _flooded(bot: Bot) -> Found:
    clicks = (await prepared(bot))[: round((FLOOD_SECONDS - 2) / EVERY)]
    rate = (await accepted(bot.url, CONCURRENCY, SECONDS)).rate
    coming = webhooks(round(rate * TIMES * FLOOD_SECONDS))
    before, stored = bot.memory_mb(), _stored(bot.database)
    most = [before]
    watch = asyncio.create_task(_watch(bot, most))
    began = perf_counter()
    flooding = asyncio.create_task(flood(bot.url, coming, rate * TIMES))
    await asyncio.sleep(1.0)
    waits = Waits.of(await clicked(bot, clicks))
    came = await flooding
    took = perf_counter() - began
    watch.cancel()
    lost = len(came.taken ^ (_stored(bot.database) - stored))
    return Found(rate, came, took, lost, (before, max(most)), waits)


async def _watch(bot: Bot, most: list[float]) -> None:
    while True:
        most.append(bot.memory_mb())
        await asyncio.sleep(LOOK_EVERY)


def _stored(address: str) -> set[str]:
    """The ids of all violations that the database has."""
    database = Database(address)
    try:
        with database.read.connect() as connection:
            return set(connection.execute(select(tables.violations.c.id)).scalars())
    finally:
        database.dispose()


def _rows(title: str, found: Found) -> list[Row]:
    came, (before, most) = found.came, found.memory
    count = sum(came.statuses.values())
    offered = count / came.seconds
    taken, refused = came.statuses[ACCEPTED], came.statuses[BUSY]
    late = f", within {Waits.of(came.refused_waits)}" if refused else ""
    return [
        Row(
            f"past the limit: webhooks at {TIMES} times what it can do, {title}",
            f"{taken / count:.0%} answered 202, {len(came.taken) / found.took:.0f}/s, within "
            f"{Waits.of(came.taken_waits)}; {refused / count:.0%} answered 503{late}; "
            f"{before:.0f} MB before, {most:.0f} at most; {found.lost} lost",
            f"{found.rate:.0f}/s with {CONCURRENCY} who wait for their answers; "
            f"{offered:.0f}/s were sent",
            f"none lost, each other one told when to come again, {MEMORY_MOST:.0f} MB more at most",
            found.holds,
        ),
        Row(
            f"button click → ack meanwhile, {title}",
            f"{found.clicks}",
            "",
            "",
        ),
    ]

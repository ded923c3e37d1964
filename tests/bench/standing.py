"""What stands over against so many stored rooms: memory, and the figures over all of them."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.engine.cases import cases
from bot.measures.figures import figures
from bot.storage.database import Database
from bot.storage.store import Store
from tests.bench.bot import Bot
from tests.bench.load import accepted
from tests.bench.row import Row, Waits, ms
from tests.bench.stock import Stock, emptied_outbox

STORED = 100_000
MEMORY_MOST = 200
STATS_MOST = 0.300
LOAD, LOAD_SECONDS, AFTER_SECONDS = 64, 5.0, 10.0
TIMES = 3


async def memory(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Of a bot with many rooms stored, some of which it has just taken in and shown in Slack."""
    say(f"memory with {STORED:,} rooms")
    url = await asyncio.to_thread(stock.database, "sqlite", STORED)
    emptied_outbox(url)
    async with Bot(stock.config, url) as bot:
        start = bot.memory_mb()
        found = await accepted(bot.url, LOAD, LOAD_SECONDS)
        await asyncio.sleep(AFTER_SECONDS)
        end = bot.memory_mb()
    return [
        Row(
            f"resident memory with {STORED:,} rooms stored",
            f"{end:.0f} MB after {len(found.waits.sorted):,} more",
            f"{start:.0f} MB at the start",
            f"at most {MEMORY_MOST} MB",
            end <= MEMORY_MOST,
        )
    ]


async def stats(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """The half-life and the rest over decided rooms."""
    say(f"stats over {STORED:,} decided rooms")
    url = await asyncio.to_thread(stock.database, "sqlite", STORED, 0.0)
    query, whole = await asyncio.to_thread(_figures, url)
    return [
        Row(
            f"figures over {STORED:,} decided rooms",
            f"median {ms(whole.p50)}, worst {ms(whole.sorted[-1])}",
            f"the query alone: {ms(query.p50)}",
            f"at most {ms(STATS_MOST)}",
            whole.p50 <= STATS_MOST,
        ),
    ]


def _figures(url: str) -> tuple[Waits, Waits]:
    database = Database(url)
    store, queries, wholes = Store(database), [], []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = cases(store, datetime.now(UTC))
        queries.append(time.perf_counter() - began)
        figures(found)
        wholes.append(time.perf_counter() - began)
    database.dispose()
    return Waits.of(queries), Waits.of(wholes)

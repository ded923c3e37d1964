"""`make bench`: prints a table. Nothing here is a test: figures depend on the machine."""

import asyncio
import os
import platform
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from tests.bench.bot import Bot
from tests.bench.load import accepted
from tests.bench.pages import third_page
from tests.bench.paint import first_paint
from tests.bench.yardstick import inserts_per_second
from tests.browser.chromium import NoChromiumError

SECONDS = 5.0
ROUNDS = 3
CONCURRENCY = (16, 64)


async def main() -> None:
    """Measure everything, and print it."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    table = Table(title=f"{machine}, {datetime.now(UTC):%Y-%m-%d}")
    for column in ("figure", "measured", "yardstick of the same run", "wanted"):
        table.add_column(column)
    async with Bot() as bot:
        table.add_row("start to first 200", f"{bot.start_seconds:.2f} s", "", "below 2 s")
        for concurrency in CONCURRENCY:
            rows = [await _round(bot, concurrency) for _ in range(ROUNDS)]
            rows.sort(key=lambda row: row[0])
            ratio, rate, raw, p50, p99 = rows[len(rows) // 2]
            table.add_row(
                f"webhooks accepted, concurrency {concurrency}",
                f"{rate:.0f}/s, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms",
                f"{raw:.0f} committed single-row inserts/s",
                f"ratio {ratio:.2f}, wanted 0.5",
            )
        table.add_row("resident memory after that", f"{bot.memory_mb():.0f} MB", "", "below 150 MB")
    async with Bot(slack_seconds=0.05) as bot:
        median, worst = await third_page(bot)
        table.add_row(
            "accepted → third page delivered",
            f"median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms",
            "50 ms a Slack call",
            "below 250 ms",
        )
    table.add_row("first paint of a channel with 1,000 messages", *await _paint(), "below 300 ms")
    Console(width=130).print(table)


async def _paint() -> tuple[str, str]:
    try:
        median, worst, bare = await asyncio.to_thread(first_paint)
    except NoChromiumError as error:
        return str(error), ""
    return f"median {median:.0f} ms, worst {worst:.0f} ms", f"a bare picture: {bare:.0f} ms"


async def _round(bot: Bot, concurrency: int) -> tuple[float, float, float, float, float]:
    before = await asyncio.to_thread(inserts_per_second, bot.folder)
    rate, p50, p99 = await accepted(bot, concurrency, SECONDS)
    after = await asyncio.to_thread(inserts_per_second, bot.folder)
    raw = (before + after) / 2
    return rate / raw, rate, raw, p50, p99


asyncio.run(main())

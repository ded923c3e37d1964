"""The bot's start, and the first paint of the local Slack's page."""

import asyncio
import sys
from collections.abc import Callable
from statistics import median

from tests.bench.bot import Bot
from tests.bench.paint import first_paint
from tests.bench.row import Row, ms
from tests.bench.stock import Stock
from tests.bench.yardstick import empty_process
from tests.browser.chromium import NoChromiumError

STARTS = 7
START_MOST, START_GOAL = 1.0, 0.8
MEMORY_MOST, MEMORY_GOAL = 95, 85
PAINT_MOST = 300.0


async def start(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """From the command to the first 200, with the example configuration."""
    del stock
    say("start")
    async with Bot():
        pass  # from here on every module is compiled, and its file in the system's memory
    found = []
    for _ in range(STARTS):
        async with Bot() as bot:
            found.append((bot.start_seconds, bot.cpu_seconds(), bot.memory_mb()))
    seconds, cpu, memory = (median(each) for each in zip(*found, strict=True))
    fastest, slowest = min(found)[0], max(found)[0]
    empty = await asyncio.to_thread(empty_process, sys.executable)
    return [
        Row(
            "start to first 200, SQLite, HTTP",
            f"median {seconds:.2f} s, {fastest:.2f} to {slowest:.2f} s; {cpu:.2f} s of CPU",
            f"`python -c pass`: {ms(empty.p50)}",
            f"at most {START_MOST:.1f} s, goal {START_GOAL:.1f} s",
            seconds <= START_MOST,
        ),
        Row(
            "resident memory after it",
            f"{memory:.0f} MB",
            "",
            f"at most {MEMORY_MOST} MB, goal {MEMORY_GOAL} MB",
            memory <= MEMORY_MOST,
        ),
    ]


async def paint(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """From the address to the first content of a full channel."""
    del stock
    say("first paint")
    figure = "first paint of a channel with 1,000 messages"
    try:
        median, worst, bare = await asyncio.to_thread(first_paint)
    except NoChromiumError as error:
        return [Row(figure, str(error), "", "below 300 ms")]
    measured = f"median {median:.0f} ms, worst {worst:.0f} ms"
    beside = f"a bare picture: {bare:.0f} ms"
    return [Row(figure, measured, beside, "below 300 ms", median < PAINT_MOST)]

"""The bot's start and the client's, and the first paint of the local Slack's page."""

import asyncio
import sys
from collections.abc import Callable

from tests.bench.bot import Bot
from tests.bench.paint import first_paint
from tests.bench.row import Row, Waits, ms
from tests.bench.stock import Stock
from tests.bench.yardstick import empty_process, timed
from tests.browser.chromium import NoChromiumError

STARTS = 3
START_MOST = 2.0
IMPORT_MOST = 0.15
PAINT_MOST = 300.0


async def start(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """From the command to the first 200, with the example configuration."""
    del stock
    say("start")
    found = []
    for _ in range(STARTS):
        async with Bot() as bot:
            found.append((bot.start_seconds, bot.memory_mb()))
    seconds, memory = sorted(found)[len(found) // 2]
    measured = f"{seconds:.2f} s, {memory:.0f} MB"
    return [Row("start to first 200", measured, "", "below 2 s", seconds < START_MOST)]


async def client(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """What a pipeline imports before it asks the gate, beside an interpreter that does nothing."""
    del stock
    say("import of the client")
    command = (sys.executable, "-c", "import bot.client.gate, bot.cli.gate")
    took = Waits.of([await asyncio.to_thread(timed, *command) for _ in range(STARTS + 2)]).p50
    empty = (await asyncio.to_thread(empty_process, sys.executable)).p50
    measured = f"{ms(took - empty)}, {took / empty:.1f} times the interpreter"
    holds = took - empty < IMPORT_MOST
    beside = f"an empty process: {ms(empty)}"
    return [Row("import of `warroom gate`", measured, beside, "below 150 ms", holds)]


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

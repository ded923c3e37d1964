"""The bot's start, and the first paint of the local Slack's page."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from statistics import median

from tests.bench.bot import Bot
from tests.bench.clicks import Click, payload
from tests.bench.line import Line
from tests.bench.load import PATH
from tests.bench.paint import first_paint
from tests.bench.row import Row, ms
from tests.bench.slack_requests import interaction
from tests.bench.slack_side import channel_of, quiet, seen
from tests.bench.stock import Stock
from tests.bench.yardstick import empty_process
from tests.browser.chromium import NoChromiumError
from tests.build import VAL
from tests.staging import pipeline

STARTS = 7
START_MOST, START_GOAL = 1.0, 0.8
MEMORY_MOST, MEMORY_GOAL = 95, 85
PAINT_MOST = 300.0
SETTLED = 30.0


async def start(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """From the command to the first 200, with the example configuration."""
    del stock
    say("start")
    async with Bot():
        pass  # from here on every module is compiled, and its file in the system's memory
    found = []
    for _ in range(STARTS):
        async with Bot() as bot:
            begun = (bot.start_seconds, bot.cpu_seconds(), bot.memory_mb())
            await _use(bot)
            found.append((*begun, bot.memory_mb()))
    seconds, cpu, memory, used = (median(each) for each in zip(*found, strict=True))
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
            f"{memory:.0f} MB; {used:.0f} MB after a violation and a click",
            "",
            f"at most {MEMORY_MOST} MB, goal {MEMORY_GOAL} MB",
            memory <= MEMORY_MOST,
        ),
    ]


async def _use(bot: Bot) -> None:
    """A violation until all of it is in Slack, and a click on it: what was put off is there now."""
    content = pipeline.body()
    async with Line(bot.url) as line:
        headers = pipeline.signed(content, "first", time.time())
        _, answer = await line.post(PATH, headers, content)
        room = json.loads(answer)["room_id"]
        await quiet(bot, SETTLED)
        channel = channel_of(await seen(bot), room)
        if channel is None:
            raise RuntimeError(f"room {room} has no channel")
        await interaction(line, payload(Click(VAL, "ack", room, channel)))
    await quiet(bot, SETTLED)


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

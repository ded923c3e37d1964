"""From the acceptance of a violation to the third page that Slack has.

Alone, in a burst, and under a flood that doesn't end while it is measured.
"""

import itertools
import time
from collections import defaultdict
from collections.abc import Callable

from tests.bench.bot import Bot, Slack
from tests.bench.line import Line
from tests.bench.load import burst, send
from tests.bench.row import Row, Waits, ms
from tests.bench.slack_side import Page, pages, quiet, seen
from tests.bench.stock import Stock

ALONE = 30
BURST = 200
SENDERS = 16
PAGES = 3
CALL_SECONDS = 0.05
ALONE_MOST, BURST_MOST, BURST_P99_MOST = 0.130, 1.0, 1.6
FLOOD_SECONDS = 15.0
PATIENCE = 120.0
FLOOR = "50 ms a Slack call; channel and page are 100 ms"


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """One violation after the other, two hundred at once, and as many as come in."""
    found = []
    for name, measure, most, p99_most in (
        (f"{ALONE} one by one", _alone, ALONE_MOST, None),
        (f"in a burst of {BURST}", _burst, BURST_MOST, BURST_P99_MOST),
    ):
        say(f"third page, {name}")
        async with Bot(stock.config, slack=Slack(seconds=CALL_SECONDS)) as bot:
            accepted = await measure(bot)
            waits = _waits(accepted, pages(await seen(bot)))
        found.append(
            Row(
                f"accepted → third page delivered, {name}",
                f"median {ms(waits.p50)}, p99 {ms(waits.p99)}",
                FLOOR,
                f"median at most {ms(most)}" + (f", p99 {ms(p99_most)}" if p99_most else ""),
                waits.p50 <= most and (p99_most is None or waits.p99 <= p99_most),
            )
        )
    say("third page, under a flood")
    return [*found, await _flooded(stock)]


async def _flooded(stock: Stock) -> Row:
    """More comes in than can be delivered: what was paged meanwhile, and how late."""
    until = time.monotonic() + FLOOD_SECONDS
    numbers = itertools.takewhile(lambda _: time.monotonic() < until, itertools.count())
    async with Bot(stock.config, slack=Slack(seconds=CALL_SECONDS)) as bot:
        accepted = await burst(bot, numbers, SENDERS)
        third = _third(pages(await seen(bot)))
    waits = Waits.of([third[room] - at for room, at in accepted.items() if room in third])
    return Row(
        f"accepted → third page delivered, under {SENDERS} senders for {FLOOD_SECONDS:.0f} s",
        f"{len(waits.sorted)} of {len(accepted)} rooms meanwhile; median {ms(waits.p50)}, "
        f"p99 {ms(waits.p99)}",
        FLOOR,
        "",
    )


async def _alone(bot: Bot) -> dict[str, float]:
    accepted = {}
    async with Line(bot.url) as line:
        for number in range(ALONE):
            room = await send(bot, line, number)
            accepted[room] = time.time()
            await quiet(bot, PATIENCE)
    return accepted


async def _burst(bot: Bot) -> dict[str, float]:
    accepted = await burst(bot, range(BURST), SENDERS)
    await quiet(bot, PATIENCE)
    return accepted


def _waits(accepted: dict[str, float], found: list[Page]) -> Waits:
    third = _third(found)
    if late := accepted.keys() - third.keys():
        raise RuntimeError(f"{len(late)} rooms have fewer than {PAGES} pages")
    return Waits.of([third[room] - at for room, at in accepted.items()])


def _third(found: list[Page]) -> dict[str, float]:
    """When each room had its third page, by its id."""
    by_room: defaultdict[str, list[float]] = defaultdict(list)
    for page in found:
        by_room[page.room].append(page.at)
    return {
        room: sorted(posted)[PAGES - 1] for room, posted in by_room.items() if len(posted) >= PAGES
    }

"""From the acceptance of a violation to the third page that Slack has: alone, and in a burst."""

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
WANTED = 0.170
PATIENCE = 120.0
FLOOR = "50 ms a Slack call; channel and page are 100 ms"


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """One violation after the other, then two hundred at once."""
    found = []
    for name, measure in ((f"{ALONE} one by one", _alone), (f"in a burst of {BURST}", _burst)):
        say(f"third page, {name}")
        async with Bot(stock.config, slack=Slack(seconds=CALL_SECONDS)) as bot:
            accepted = await measure(bot)
            waits = _waits(accepted, pages(await seen(bot)))
        found.append(
            Row(
                f"accepted → third page delivered, {name}",
                f"median {ms(waits.p50)}, p99 {ms(waits.p99)}",
                FLOOR,
                f"median at most {ms(WANTED)}",
                waits.p50 <= WANTED,
            )
        )
    return found


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
    by_room: defaultdict[str, list[float]] = defaultdict(list)
    for page in found:
        by_room[page.room].append(page.at)
    late = [room for room in accepted if len(by_room[room]) < PAGES]
    if late:
        raise RuntimeError(f"{len(late)} rooms have fewer than {PAGES} pages")
    return Waits.of([sorted(by_room[room])[PAGES - 1] - accepted[room] for room in accepted])

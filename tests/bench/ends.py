"""A violation to its end: from the webhook to the room with its pages, card, topic and pin.

By the bot's own processor time, all together: many come at once, and all is delivered.
"""

import asyncio
from collections.abc import Callable
from statistics import median

from tests.bench.bot import Bot
from tests.bench.load import burst
from tests.bench.row import Row, ms
from tests.bench.slack_side import quiet
from tests.bench.stock import KINDS, Stock

VIOLATIONS = 200
SENDERS = 16
ROUNDS = 4  # the first of which warms up
PATIENCE = 120.0
MOST = 0.010


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """On both databases, with a Slack that answers at once and has no limits."""
    found = []
    for kind, name in KINDS.items():
        say(f"{VIOLATIONS} violations to their end, {name}")
        took = await _took(stock, await asyncio.to_thread(stock.database, kind, 0))
        spread = f"{ms(took[0])} to {ms(took[-1])}"
        found.append(
            Row(
                f"a violation to its end, {name}",
                f"{ms(median(took))} of CPU ({spread})",
                "",
                f"at most {ms(MOST)}",
                median(took) <= MOST,
            )
        )
    return found


async def _took(stock: Stock, database: str) -> list[float]:
    """Seconds of processor time a violation, in order."""
    took = []
    async with Bot(stock.config, database) as bot:
        for number in range(ROUNDS):
            began = bot.cpu_seconds()
            first = number * VIOLATIONS
            await burst(bot, range(first, first + VIOLATIONS), SENDERS)
            await quiet(bot, PATIENCE)
            took.append((bot.cpu_seconds() - began) / VIOLATIONS)
    return sorted(took[1:])

"""Webhooks accepted a second, on both databases, fresh and with many rooms stored.

Rules
- Rounds are interleaved: what else the machine does falls on all sizes alike. A growth is the
  median over rounds of what each round shows.
- Each round starts with nothing to deliver, and has its yardstick right before and after.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.bench.bot import Bot
from tests.bench.load import Accepted, accepted
from tests.bench.row import Row
from tests.bench.stock import Stock, emptied_outbox
from tests.bench.yardstick import postgres_inserts, sqlite_inserts

SECONDS = 3.0
ROUNDS = 3
CONCURRENCY = (16, 64)
STORED = (0, 10_000, 100_000)
GROWTH_MOST = 0.10
KINDS = {
    "sqlite": ("SQLite", "committed single-row inserts/s, synchronous=FULL", 0.5),
    "postgresql": ("PostgreSQL", "one-row inserts/s by pgbench -c 16", 0.3),
}


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement, and the yardstick around it."""

    found: Accepted
    raw: float

    @property
    def ratio(self) -> float:
        """Of the yardstick."""
        return self.found.rate / self.raw


Rounds = dict[tuple[int, int], list[Round]]  # by rooms stored and concurrency


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Both databases, both concurrencies, and what the stored rooms cost."""
    found: list[Row] = []
    for kind in KINDS:
        rounds: Rounds = {}
        for number in range(ROUNDS):
            for stored in STORED:
                say(f"{kind}, {stored:,} rooms stored, round {number + 1} of {ROUNDS}")
                await _round(stock, kind, stored, rounds)
        found += [_fresh(kind, concurrency, rounds) for concurrency in CONCURRENCY]
        found += [_grown(kind, stored, rounds) for stored in STORED[1:]]
    return found


async def _round(stock: Stock, kind: str, stored: int, rounds: Rounds) -> None:
    database = await asyncio.to_thread(stock.database, kind, stored)
    emptied_outbox(database)
    async with Bot(stock.config, database) as bot:
        for concurrency in CONCURRENCY:
            before = await asyncio.to_thread(_yardstick, stock, kind)
            found = await accepted(bot.url, concurrency, SECONDS)
            emptied_outbox(database)
            after = await asyncio.to_thread(_yardstick, stock, kind)
            measured = Round(found, (before + after) / 2)
            rounds.setdefault((stored, concurrency), []).append(measured)


def _yardstick(stock: Stock, kind: str) -> float:
    if kind == "sqlite":
        return sqlite_inserts(stock.folder)
    return postgres_inserts(stock.server, stock.folder)


def _fresh(kind: str, concurrency: int, rounds: Rounds) -> Row:
    name, yardstick, wanted = KINDS[kind]
    measured = sorted(rounds[0, concurrency], key=lambda each: each.ratio)
    middle = measured[len(measured) // 2]
    return Row(
        f"webhooks accepted, {name}, concurrency {concurrency}",
        f"{middle.found.rate:.0f}/s, {middle.found.waits}",
        f"{middle.raw:.0f} {yardstick}",
        f"ratio {wanted}, found {middle.ratio:.2f}",
        middle.ratio >= wanted,
    )


def _grown(kind: str, stored: int, rounds: Rounds) -> Row:
    name = KINDS[kind][0]
    rates = {
        size: median(each.found.rate for each in rounds[size, CONCURRENCY[-1]])
        for size in (0, stored)
    }
    growth = median(
        fresh.found.rate / grown.found.rate - 1
        for concurrency in CONCURRENCY
        for fresh, grown in zip(rounds[0, concurrency], rounds[stored, concurrency], strict=True)
    )
    return Row(
        f"the same with {stored:,} rooms stored, {name}",
        f"{rates[stored]:.0f}/s at {CONCURRENCY[-1]}",
        f"{rates[0]:.0f}/s with none stored",
        f"cost grows by 10 % at most, found {growth:+.0%}",
        growth <= GROWTH_MOST,
    )

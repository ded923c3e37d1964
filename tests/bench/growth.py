"""What stored rooms cost: the CPU of a request with none, and with 100,000 and a tenth open.

Rules
- Two bots side by side, one at each database; small batches go to them in turn, so that what else
  the machine does falls on both alike. A growth is the median over rounds of what each shows.
- CPU is that of the bot's threads and, on PostgreSQL, of the backends that serve its database.
- Who asks is needed in as many rooms here as there: those of a policy that no stored room is of.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psycopg

from tests.bench import firm
from tests.bench.bot import Bot
from tests.bench.clicks import Click, payload
from tests.bench.line import Line
from tests.bench.load import accepted, answered
from tests.bench.row import MILLI, Row, ms
from tests.bench.slack_requests import command, home_opened, interaction
from tests.bench.slack_side import quiet
from tests.bench.stock import KINDS, Stock, emptied_outbox
from tests.staging.environment import TOKEN

STORED = 100_000
ROUNDS = 7
CONCURRENCY, SECONDS = 16, 1.0
ROOMS = 30  # of whoever asks
GROWTH_MOST = 0.15
REPORT_MOST = 0.300
SETTLED = 60.0
OK = 200
NANO = 1e-9
ASKING = firm.validator(firm.APART)


class Costs(NamedTuple):
    """Seconds of CPU that one took where no room is stored, and where many are."""

    none: float
    stored: float


@dataclass
class Side:
    """A bot, and the rooms and violations of whoever asks."""

    bot: Bot
    line: Line
    rooms: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def cpu(self) -> float:
        """Seconds of CPU that the bot and the backends of its database have used."""
        return sum(map(thread_seconds, [self.bot.pid, *backends(self.bot.database)]))


async def _webhooks(side: Side) -> int:
    return (await accepted(side.bot.url, CONCURRENCY, SECONDS)).count


async def _gate(side: Side) -> None:
    violation = side.violations[next(side.numbers) % ROOMS]
    status, answer = await side.line.get(f"/gate/{violation}", {"authorization": f"Bearer {TOKEN}"})
    if status != OK:
        raise RuntimeError(f"{status}: {answer.decode()}")


async def _click(side: Side) -> None:
    room = side.rooms[next(side.numbers) % ROOMS]
    await interaction(side.line, payload(Click(ASKING, "ack", room, "C0GENERAL")))


async def _home(side: Side) -> None:
    await home_opened(side.line, ASKING)
    await quiet(side.bot, SETTLED)


def _words(words: str) -> Callable[[Side], Awaitable[None]]:
    return lambda side: command(side.line, ASKING, words)


def _times(times: int, ask: Callable[[Side], Awaitable[None]]) -> Callable[[Side], Awaitable[int]]:
    async def batch(side: Side) -> int:
        for _ in range(times):
            await ask(side)
        return times

    return batch


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: a batch of it says how many it was; `most` is what one may cost in all."""

    name: str
    batch: Callable[[Side], Awaitable[int]]
    most: float | None = None


HEARD = (
    Asked("webhook", _webhooks),
    Asked("gate", _times(50, _gate)),
    Asked("click", _times(20, _click)),
    Asked("`/warroom list`", _times(10, _words("list"))),
    Asked("`/warroom mine`", _times(10, _words("mine"))),
    Asked("`/warroom debt`", _times(1, _words("debt")), REPORT_MOST),
    Asked("`/warroom stats`", _times(1, _words("stats")), REPORT_MOST),
)
SHOWN = (Asked("home tab", _times(5, _home)),)


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Every request on both databases."""
    found = []
    for kind, name in KINDS.items():
        say(f"growth on {name}")
        urls = [await asyncio.to_thread(stock.database, kind, size) for size in (0, STORED)]
        for asked in (HEARD, SHOWN):
            for url in urls:
                emptied_outbox(url)
            found += await _measured(name, stock.config, urls, asked)
    return found


async def _measured(
    name: str, config: Path, urls: Sequence[str], asked: Sequence[Asked]
) -> list[Row]:
    found: dict[str, list[Costs]] = {each.name: [] for each in asked}
    async with AsyncExitStack() as ends:
        none, stored = [await _side(ends, config, url, web_alone=asked is HEARD) for url in urls]
        for number in range(ROUNDS + 1):
            for each in asked:
                if number % 2:
                    there, here = await _cost(stored, each), await _cost(none, each)
                else:
                    here, there = await _cost(none, each), await _cost(stored, each)
                if number:  # the first round warms up
                    found[each.name].append(Costs(here, there))
    return [_row(name, each, found[each.name]) for each in asked]


async def _side(ends: AsyncExitStack, config: Path, url: str, *, web_alone: bool) -> Side:
    bot = await ends.enter_async_context(Bot(config, url, web_alone=web_alone))
    side = Side(bot, await ends.enter_async_context(Line(bot.url)))
    for _ in range(ROOMS):
        answer = await answered(side.line, firm.APART)
        side.rooms.append(str(answer["room_id"]))
        side.violations.append(str(answer["violation_id"]))
    if not web_alone:
        await quiet(bot, SETTLED)
    return side


async def _cost(side: Side, asked: Asked) -> float:
    before = side.cpu()
    times = await asked.batch(side)
    return (side.cpu() - before) / times


def _row(name: str, asked: Asked, costs: Sequence[Costs]) -> Row:
    none, stored = (median(side) for side in zip(*costs, strict=True))
    growth = sorted(each.stored / each.none - 1 for each in costs)
    wanted, holds = f"at most {ms(asked.most or 0)}", stored <= (asked.most or 0)
    if asked.most is None:
        spread = f"{growth[0]:+.0%} to {growth[-1]:+.0%}"
        wanted = f"+{GROWTH_MOST:.0%} at most, found {median(growth):+.0%} ({spread})"
        holds = median(growth) <= GROWTH_MOST
    return Row(
        f"CPU of a {asked.name}, {STORED:,} rooms stored, {name}",
        f"{MILLI * stored:.2f} ms",
        f"{MILLI * none:.2f} ms with none stored",
        wanted,
        holds,
    )


def backends(url: str) -> list[int]:
    """The processes that serve a database to others, where it is PostgreSQL's."""
    if not url.startswith("postgresql"):
        return []
    with psycopg.connect(url) as connection:
        found = connection.execute(
            """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
               AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
        )
        return [row[0] for row in found]


def thread_seconds(pid: int) -> float:
    """The CPU that a process's threads have used, to the nanosecond: a batch is short."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) * NANO

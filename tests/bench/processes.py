"""Several processes on PostgreSQL: what more of them bring, for webhooks and for clicks.

Rounds are interleaved, so that what else the machine does falls on all alike. All of it runs on
this machine: beside each figure stands how many cores were busy with what.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time, sleep

from tests.bench.bot import Bot
from tests.bench.clicks import LOAD, ROOMS, prepared, while_hearing
from tests.bench.intake import NOWHERE, postmaster
from tests.bench.load import Accepted, accepted
from tests.bench.machine import family_cpu_seconds
from tests.bench.row import Row, Waits, ms
from tests.bench.stock import Stock, emptied_outbox
from tests.staging import processes
from tests.staging.environment import variables

ROUNDS = 3
CONCURRENCY = 32
SECONDS, WARM_SECONDS = 4.0, 1.0
WANTED = 1.5
STARTED = "warroom.started"
BOT = "the bot"
# The command, and what runs beside it.
WEBS = {"`web`": ("web",), "`web --processes 2`": ("web", "--processes", "2")}
WHOLE = {
    "`serve`": (("serve",), ""),
    "`web` and `worker`": (("web",), "worker"),
    "`serve --processes 2`": (("serve", "--processes", "2"), ""),
}


@dataclass(frozen=True, slots=True)
class Webhooks:
    """One measurement: what was accepted, and the cores that were busy with what meanwhile."""

    accepted: Accepted
    cores: dict[str, float]

    @property
    def times_most(self) -> float:
        """How many times as much two processes could do of it, with all that it takes besides.

        One is an interpreter, and bound by a core; two are bound by the cores of this machine.
        """
        return min(2.0, len(os.sched_getaffinity(0)) * self.cores[BOT] / sum(self.cores.values()))


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Webhooks with nobody delivering, then clicks while all is delivered."""
    database = await asyncio.to_thread(stock.database, "postgresql", 0)
    webhooks: dict[str, list[Webhooks]] = {name: [] for name in WEBS}
    clicks: dict[str, list[tuple[Waits, float]]] = {name: [] for name in WHOLE}
    for number in range(ROUNDS):
        for name, words in WEBS.items():
            say(f"{name}, round {number + 1} of {ROUNDS}")
            async with _web(stock, database, words) as part:
                webhooks[name].append(await _webhooks(part, database))
            await asyncio.to_thread(emptied_outbox, database)
        for name, (words, beside) in WHOLE.items():
            say(f"{name}, clicks, round {number + 1} of {ROUNDS}")
            async with Bot(stock.config, database, words=words, beside=beside) as bot:
                clicks[name].append(await while_hearing(bot, await prepared(bot)))
            await asyncio.to_thread(emptied_outbox, database)
    return [*_of_webhooks(webhooks), *_of_clicks(clicks)]


@asynccontextmanager
async def _web(
    stock: Stock, database: str, words: tuple[str, ...]
) -> AsyncIterator[processes.Part]:
    told = variables(NOWHERE, database, WARROOM_CONFIG=stock.config)
    part = processes.bot("webs", "web", stock.folder, told)
    part.command = words
    async with AsyncExitStack() as ends:
        before = _started(part)
        ends.push_async_callback(part.stop)
        await part.start()
        await asyncio.to_thread(_wait, part, before + int(words[-1] if words[1:] else 1))
        yield part


def _started(part: processes.Part) -> int:
    """How often a process has begun to hear, by its log."""
    return part.log.read_text().count(STARTED) if part.log.exists() else 0


def _wait(part: processes.Part, started: int) -> None:
    """Return once so many have begun: whoever connects before is heard by the first one alone."""
    while _started(part) < started:
        part.check()
        sleep(0.02)


async def _webhooks(part: processes.Part, database: str) -> Webhooks:
    await accepted(part.url, CONCURRENCY, WARM_SECONDS)
    server = postmaster(database)

    def used() -> dict[str, float]:
        told = {BOT: family_cpu_seconds(part.pid), "the load": process_time()}
        return told | ({"PostgreSQL": family_cpu_seconds(server)} if server else {})

    before, began = used(), perf_counter()
    came = await accepted(part.url, CONCURRENCY, SECONDS)
    took = perf_counter() - began
    return Webhooks(came, {name: (cpu - before[name]) / took for name, cpu in used().items()})


def _of_webhooks(measured: dict[str, list[Webhooks]]) -> list[Row]:
    one, two = measured.values()
    times = median(
        many.accepted.rate / alone.accepted.rate for alone, many in zip(one, two, strict=True)
    )
    bound = median(each.times_most for each in one)
    wanted = f"{WANTED} times one process, found {times:.2f}; these cores allow {bound:.2f}"
    found = []
    for name, rounds in measured.items():
        middle = sorted(rounds, key=lambda each: each.accepted.rate)[len(rounds) // 2]
        busy = ", ".join(f"{what} {cores:.2f}" for what, cores in middle.cores.items())
        several = rounds is two
        found.append(
            Row(
                f"webhooks, PostgreSQL, concurrency {CONCURRENCY}, {name}",
                f"{_rates([each.accepted.rate for each in rounds])}; {middle.accepted.waits}",
                f"cores busy with: {busy}",
                wanted if several else "",
                times >= WANTED if several else None,
            )
        )
    return found


def _of_clicks(measured: dict[str, list[tuple[Waits, float]]]) -> list[Row]:
    return [
        Row(
            f"button click → ack, PostgreSQL, {name}, webhooks at {LOAD} and deliveries",
            f"p50 {_spread([waits.p50 for waits, _ in rounds])}, "
            f"p99 {_spread([waits.p99 for waits, _ in rounds])}, {ROOMS * 3} clicks a round",
            f"{_rates([rate for _, rate in rounds])} webhooks meanwhile",
            "",
        )
        for name, rounds in measured.items()
    ]


def _rates(rates: Sequence[float]) -> str:
    return f"{median(rates):.0f}/s ({min(rates):.0f} to {max(rates):.0f})"


def _spread(waits: Sequence[float]) -> str:
    return f"{ms(median(waits))} ({ms(min(waits))} to {ms(max(waits))})"

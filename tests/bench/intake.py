"""Intake: webhooks a second and the processor time of each, beside the floor of the same minutes.

Rounds are interleaved, so that what else the machine does falls on all alike; a figure is the
median of them, with the least and the most.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

from tests.bench import floor
from tests.bench.bot import Bot
from tests.bench.load import Accepted, accepted
from tests.bench.machine import cpu_seconds, family_cpu_seconds
from tests.bench.row import Row, ms
from tests.bench.stock import KINDS, Stock, emptied_outbox
from tests.staging import processes
from tests.staging.environment import variables

SECONDS = 4.0
WARM_SECONDS = 1.0
ROUNDS = 3
CONCURRENCY = (16, 64)
# Milliseconds of the bot's own, of PostgreSQL's, and how many times the floor where the machine is
# another one; with the outbox at work, the share of the floor's rate.
CPU_MOST = {"sqlite": 0.6, "postgresql": 0.7}
SERVER_MOST = 0.40
TIMES_MOST = {"sqlite": 3.0, "postgresql": 2.2}
RATE_LEAST = 0.22
NOWHERE = "http://127.0.0.1:9/api/"


@dataclass(frozen=True, slots=True)
class Found:
    """One measurement: what was accepted, and the seconds of processor time of each webhook."""

    accepted: Accepted
    own: float
    server: float


Measured = dict[tuple[str, int], list[Found]]  # by what answers, and by the concurrency


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Both databases: the web alone, and with the outbox at work."""
    file = await asyncio.to_thread(floor.written, stock.folder, stock.config)
    found: list[Row] = []
    for kind, title in KINDS.items():
        measured: Measured = {}
        for number in range(ROUNDS):
            for name, begin in (("floor", _floor), ("web", _web), ("whole", _whole)):
                say(f"{title}, {name}, round {number + 1} of {ROUNDS}")
                database = await asyncio.to_thread(stock.database, kind, 0)
                async with begin(stock, database, file) as (url, pid):
                    await _measure(name, url, pid, database, measured)
                await asyncio.to_thread(emptied_outbox, database)
        found += [row for each in CONCURRENCY for row in _rows(kind, each, measured)]
    return found


async def _measure(name: str, url: str, pid: int, database: str, measured: Measured) -> None:
    first = postmaster(database)
    await accepted(url, CONCURRENCY[0], WARM_SECONDS)
    for concurrency in CONCURRENCY:
        own = cpu_seconds(pid)
        server = family_cpu_seconds(first) if first else 0.0
        came = await accepted(url, concurrency, SECONDS)
        count = came.count
        own = (cpu_seconds(pid) - own) / count
        server = (family_cpu_seconds(first) - server) / count if first else 0.0
        measured.setdefault((name, concurrency), []).append(Found(came, own, server))


def postmaster(database: str) -> int | None:
    """PostgreSQL's first process, where it runs on this machine."""
    if database.startswith("sqlite"):
        return None
    with psycopg.connect(database) as connection:
        folder = connection.execute("SHOW data_directory").fetchone()
    file = Path(folder[0]) / "postmaster.pid" if folder else None
    return int(file.read_text().split()[0]) if file and file.exists() else None


@asynccontextmanager
async def _floor(stock: Stock, database: str, file: Path) -> AsyncIterator[tuple[str, int]]:
    url = f"http://127.0.0.1:{processes.free_port()}"
    command = (database, str(file), url.rpartition(":")[2])
    part = processes.Part("floor", command, url, {}, stock.folder / "floor.log")
    part.module = "tests.bench.floor"
    async with _running(part) as running:
        yield running


@asynccontextmanager
async def _web(stock: Stock, database: str, file: Path) -> AsyncIterator[tuple[str, int]]:
    del file
    told = variables(NOWHERE, database, WARROOM_CONFIG=stock.config)
    part = processes.bot("web_alone", "", stock.folder, told)
    part.module, part.command = "tests.bench.web_alone", ()
    async with _running(part) as running:
        yield running


@asynccontextmanager
async def _running(part: processes.Part) -> AsyncIterator[tuple[str, int]]:
    await part.start()
    try:
        yield part.url, part.pid
    finally:
        await part.stop()


@asynccontextmanager
async def _whole(stock: Stock, database: str, file: Path) -> AsyncIterator[tuple[str, int]]:
    del file
    async with Bot(stock.config, database) as bot:
        yield bot.url, bot.pid


def _rows(kind: str, concurrency: int, measured: Measured) -> list[Row]:
    at = f"{KINDS[kind]}, concurrency {concurrency}"
    bottom, web, whole = (measured[name, concurrency] for name in ("floor", "web", "whole"))
    least = _told(bottom)
    times = median(each.own for each in web) / median(each.own for each in bottom)
    own, server = median(each.own for each in web), median(each.server for each in web)
    share = median(each.accepted.rate for each in whole) / median(
        each.accepted.rate for each in bottom
    )
    most = f"{CPU_MOST[kind]:.2f} ms of CPU"
    most += f" and {SERVER_MOST:.2f} of PostgreSQL's" if server else ""
    holds = own * 1e3 <= CPU_MOST[kind] and server * 1e3 <= SERVER_MOST
    return [
        Row(
            f"webhooks, {at}, web alone",
            f"{_told(web)}; {_middle(web).accepted.waits}",
            f"the floor: {least}",
            f"{most}, or {TIMES_MOST[kind]:g} times the floor's; found {times:.1f} times",
            holds or times <= TIMES_MOST[kind],
        ),
        Row(
            f"webhooks, {at}, with the outbox at work",
            f"{_told(whole)}; {_middle(whole).accepted.waits}",
            f"the floor: {least}",
            f"{RATE_LEAST} of the floor's rate, found {share:.2f}",
            share >= RATE_LEAST,
        ),
    ]


def _middle(found: Sequence[Found]) -> Found:
    return sorted(found, key=lambda each: each.accepted.rate)[len(found) // 2]


def _told(found: Sequence[Found]) -> str:
    """Rate and processor time, each with its spread."""
    rates = sorted(each.accepted.rate for each in found)
    own = sorted(each.own for each in found)
    told = (
        f"{median(rates):.0f}/s ({rates[0]:.0f} to {rates[-1]:.0f}), "
        f"{ms(median(own))} of CPU ({own[0] * 1e3:.2f} to {own[-1] * 1e3:.2f})"
    )
    server = median(each.server for each in found)
    return f"{told} and {server * 1e3:.2f} of PostgreSQL's" if server else told

"""What the log costs a webhook: the web alone, and with the sequencer beside it, in turns.

Rules
- Processor time alone: of the bot until all that came is in the log, and of PostgreSQL. Wall time
  on a machine that others use says nothing of a few per cent.
- Rounds alternate; the figure is the median over rounds of what each one shows.
"""

import asyncio
from collections.abc import Callable
from statistics import median

from bot.storage.database import Database
from bot.storage.log import behind_since
from tests.bench.intake import CONCURRENCY, WARM_SECONDS, postmaster
from tests.bench.load import accepted
from tests.bench.machine import cpu_seconds, family_cpu_seconds
from tests.bench.row import Row, ms
from tests.bench.stock import KINDS, Stock, emptied_outbox
from tests.staging import processes
from tests.staging.environment import variables

SECONDS = 4.0
SETTLED_SECONDS = 2.5  # after it all is in the log: it looks each second
ROUNDS = 5
MORE_MOST = 0.05
NOWHERE = "http://127.0.0.1:9/api/"


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Both databases."""
    found: list[Row] = []
    for kind, title in KINDS.items():
        costs: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        for number in range(ROUNDS):
            for logs in (False, True) if number % 2 else (True, False):
                say(f"{title}, {'with' if logs else 'without'} the log, round {number + 1}")
                database = await asyncio.to_thread(stock.database, kind, 0)
                costs[logs].append(await _cost(stock, database, logs=logs))
                await asyncio.to_thread(emptied_outbox, database)
        found.append(_row(title, costs[False], costs[True]))
    return found


async def _cost(stock: Stock, database: str, *, logs: bool) -> tuple[float, float]:
    """Seconds of a webhook: the bot's own, and PostgreSQL's."""
    told = variables(NOWHERE, database, WARROOM_CONFIG=stock.config)
    part = processes.bot("web_alone", "", stock.folder, told)
    part.module, part.command = "tests.bench.web_alone", ("log",) if logs else ()
    first = postmaster(database)
    await part.start()
    try:
        await accepted(part.url, CONCURRENCY[0], WARM_SECONDS)
        await asyncio.sleep(SETTLED_SECONDS)
        own = cpu_seconds(part.pid)
        server = family_cpu_seconds(first) if first else 0.0
        came = await accepted(part.url, CONCURRENCY[0], SECONDS)
        await asyncio.sleep(SETTLED_SECONDS)
        own = cpu_seconds(part.pid) - own
        server = family_cpu_seconds(first) - server if first else 0.0
        if logs and await asyncio.to_thread(_behind, database):
            raise RuntimeError("the log has not caught up: this run says nothing")
        return own / came.count, server / came.count
    finally:
        await part.stop()


def _behind(url: str) -> bool:
    database = Database(url)
    try:
        with database.read.connect() as connection:
            return behind_since(connection) is not None
    finally:
        database.dispose()


def _row(title: str, bare: list[tuple[float, float]], logged: list[tuple[float, float]]) -> Row:
    more = median(sum(a) / sum(b) - 1 for a, b in zip(logged, bare, strict=True))
    told = (
        " and ".join(ms(median(each[place] for each in found)) for place in (0, 1))
        for found in (logged, bare)
    )
    logs, alone = told
    return Row(
        f"a webhook's CPU with the log, {title}",
        f"{logs} of the database's",
        f"without: {alone}",
        f"{MORE_MOST:.0%} more, found {more:+.1%}",
        more <= MORE_MOST,
    )

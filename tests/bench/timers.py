"""A hundred thousand open timers: what looking for the due ones costs, how late they are, idling.

Rules
- Those that come due while it is measured are rooms that were lived through: their reminder is at
  a quarter of the window, and its event says when it was due and when it was recorded.
"""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.engine.aggregates import TIMERS
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.policies.load import load
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.store import Store
from tests.bench.bot import Bot
from tests.bench.lives import Lives, Past
from tests.bench.row import Row, Waits, ms
from tests.bench.slack_side import quiet
from tests.bench.stock import Stock, emptied_outbox
from tests.outgoing import FOLLOWING

OPEN = 100_000
DUE = 500
DUE_SECONDS = 10.0
LEAD = timedelta(seconds=45)  # for making them, and for the start of the bot
AT_A_QUARTER = timedelta(hours=1)
FIRST = 500_000  # numbers that no other room here has
ASKED = 200
IDLE_SECONDS = 10.0
CLAIM_MOST, LAG_MOST, IDLE_MOST = 0.005, 0.250, 0.02


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """The claim, the lag, and what an idle bot uses."""
    say(f"filling {OPEN:,} open rooms")
    url = await asyncio.to_thread(stock.database, "sqlite", OPEN, 1.0)
    say(f"{DUE} timers come due among {OPEN:,}")
    ends = await _due_soon(url, stock)
    async with Bot(stock.config, url) as bot:
        began = datetime.now(UTC)
        await asyncio.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()) + 2.0)
        await quiet(bot, 60.0)
        lag = _lag(url, began)
        say("idle, nothing due")
        before = bot.cpu_seconds()
        await asyncio.sleep(IDLE_SECONDS)
        idle = (bot.cpu_seconds() - before) / IDLE_SECONDS
    claim, nothing = await asyncio.to_thread(_claims, url)
    return [
        Row(
            f"looking for due timers among {OPEN:,}",
            f"{claim} (200 due)",
            f"{nothing} with none due",
            f"at most {ms(CLAIM_MOST)}",
            claim.p99 <= CLAIM_MOST,
        ),
        Row(
            f"due → recorded, {len(lag.sorted)} timers in {DUE_SECONDS:.0f} s",
            str(lag),
            f"{OPEN:,} others open",
            f"p99 at most {ms(LAG_MOST)}",
            lag.p99 <= LAG_MOST,
        ),
        Row(
            f"idle with {OPEN:,} open timers",
            f"{idle:.1%} of a core",
            f"over {IDLE_SECONDS:.0f} s",
            "below 2 %",
            idle < IDLE_MOST,
        ),
    ]


async def _due_soon(url: str, stock: Stock) -> datetime:
    """Rooms whose reminder comes due soon, one after the other; when the last one's does."""
    database, past = Database(url), Past()
    config, wakeups = load(stock.config), Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config, past, wakeups, FOLLOWING)
    await engine.start("tests")
    lives, first = Lives(engine, past), datetime.now(UTC) + LEAD - AT_A_QUARTER
    for number in range(DUE):
        at = first + timedelta(seconds=DUE_SECONDS / DUE) * number
        await lives.open(FIRST + number, at)
    await asyncio.to_thread(engine.stop)
    database.dispose()
    emptied_outbox(url)  # their channels and pages are there, in the record
    return first + AT_A_QUARTER + timedelta(seconds=DUE_SECONDS)


def _lag(url: str, began: datetime) -> Waits:
    """Of those that came due after the bot had begun."""
    database = Database(url)
    t = tables.events.c
    with database.read.connect() as connection:
        question = select(t.at, t.payload).where(t.kind == "escalated")
        found = [
            (at, json.loads(payload)["event"]["due_at"])
            for at, payload in connection.execute(question)
        ]
    database.dispose()
    return Waits.of(
        [
            (at - due_at).total_seconds()
            for at, due_at in ((at, datetime.fromisoformat(text)) for at, text in found)
            if due_at > began
        ]
    )


def _claims(url: str) -> tuple[Waits, Waits]:
    """With two hundred due, as the sweep asks for them, and with none."""
    database = Database(url)
    store = Store(database)
    now = datetime.now(UTC)
    found = [_timed(store, when) for when in (now + timedelta(days=1), now - timedelta(days=365))]
    database.dispose()
    return found[0], found[1]


def _timed(store: Store, when: datetime) -> Waits:
    waits = []
    for _ in range(ASKED):
        began = time.perf_counter()
        store.timers_due(when, TIMERS)
        waits.append(time.perf_counter() - began)
    return Waits.of(waits)

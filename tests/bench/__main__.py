"""`make bench`: prints a table. Nothing here is a test: figures depend on the machine."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from tests.bench import (
    audit,
    backlog,
    begin,
    clicks,
    commands,
    ends,
    growth,
    intake,
    inventory,
    logged,
    pages,
    papers,
    past,
    policies,
    processes,
    standing,
    storm,
    table,
    timers,
    webhooks,
)
from tests.bench.machine import machine
from tests.bench.row import Row
from tests.bench.stock import Stock

Say = Callable[[str], None]
ROWS: Mapping[str, Callable[[Stock, Say], Awaitable[list[Row]]]] = {
    "start": begin.start,
    "commands": commands.rows,
    "intake": intake.rows,
    "ends": ends.rows,
    "log": logged.rows,
    "webhooks": webhooks.rows,
    "policies": policies.rows,
    "growth": growth.rows,
    "backlog": backlog.rows,
    "clicks": clicks.rows,
    "processes": processes.rows,
    "past": past.rows,
    "pages": pages.rows,
    "storm": storm.rows,
    "timers": timers.rows,
    "memory": standing.memory,
    "stats": standing.stats,
    "paint": begin.paint,
    "inventory": inventory.rows,
    "audit": audit.rows,
    "papers": papers.rows,
}


def main() -> None:
    """Measure, print, and write where that is asked for."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through every `finally`: nothing stays
    rows: list[Row] = []
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)

    with Stock() as stock:
        for name in given.only:
            rows += asyncio.run(_measured(name, stock, say))
    title = f"{machine()}, {datetime.now(UTC):%Y-%m-%d}"
    table.show(title, rows)
    if given.write:
        table.write(title, rows)


async def _measured(name: str, stock: Stock, say: Say) -> list[Row]:
    try:
        return await ROWS[name](stock, say)
    except (OSError, RuntimeError, ValueError) as error:
        say(f"{name}: {error!r}")
        return [Row(name, f"failed: {error}", "", "", holds=False)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    known = ", ".join(ROWS)
    parser.add_argument("--only", type=_names, default=list(ROWS), help=f"some of: {known}")
    parser.add_argument(
        "--write", action="store_true", help="write this run's table into the README"
    )
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of: {', '.join(ROWS)}")
    return names


main()

"""`make chaos`: one run, its table, and exit code 1 where anything in it is not 0."""

import asyncio
import random
import signal
import sys
import tempfile
from pathlib import Path

import click

from tests.chaos.plan import Form
from tests.chaos.report import findings, show
from tests.chaos.run import run
from tests.chaos.stage import Order, policies

SHORT = 50
LEASE = 60.0
FROZEN = LEASE + 5


@click.command()
@click.option("--seed", type=int, help="The schedule's seed; none given: a new one.")
@click.option("--rooms", type=click.IntRange(1), help="How many rooms; 300, or 50 in short.")
@click.option("--short", is_flag=True, help="Fewer rooms, and no replica is frozen.")
@click.option("--database", type=click.Choice(["postgresql", "sqlite"]), default="postgresql")
@click.option("--keep", type=click.Path(path_type=Path), help="An empty folder for the logs.")
def main(
    *, seed: int | None, rooms: int | None, short: bool, database: str, keep: Path | None
) -> None:
    """Nothing lost, nothing twice: the bot under faults, and a count of what went wrong."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the processes are ended too
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    postgresql = database == "postgresql"
    # What is frozen on SQLite is the whole bot: nobody else would be there meanwhile.
    frozen = 0.0 if short or not postgresql else FROZEN
    form = Form(rooms or (SHORT if short else 300), rate=1.2, frozen=frozen)
    order = Order(seed, form, postgresql, patience=240.0 if short else 600.0)
    title = f"chaos on {database}, {form.rooms} rooms, seed {seed}"
    _say(title)
    with tempfile.TemporaryDirectory(prefix="warroom-chaos-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = asyncio.run(run(order, folder, _say))
        found = findings(outcome.evidence, policies(folder))
    show(title, outcome, found)
    wrong = sum(map(len, found.values()))
    _say(f"{wrong} wrong, seed {seed}")
    sys.exit(1 if wrong else 0)


def _say(line: str) -> None:
    print(line, flush=True)


main()

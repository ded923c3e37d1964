"""`warroom serve`, `web` and `worker`: the bot, whole or in parts, in one process or in several.

What the bot is made of is imported when it starts: its help doesn't wait for that.
"""

import asyncio
import gc
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from bot.cli.event_loop import loop_factory
from bot.cli.imports import importing

if TYPE_CHECKING:
    from bot.integrations.extension import Extension

# How long a thread may keep the interpreter from one that wants it: what writes gives it away at
# each call into the database, and a click waits behind it.
SWITCH_SECONDS = 0.0005
# How many more objects there are before the young ones are looked through. A message makes some
# thousands, nearly none of them in a circle: to look as often as Python does by itself was 3 % of
# what a violation costs on SQLite, and 10 % on PostgreSQL. It takes 2 MB.
YOUNG_OBJECTS = 20_000
PROCESSES = click.IntRange(1, 64)


@click.command()
@click.option(
    "--processes",
    type=PROCESSES,
    help="Hear in so many processes at one port, and act in one beside them (PostgreSQL); "
    "WARROOM_PROCESSES unless given.",
)
@click.pass_obj
def serve(extensions: Sequence["Extension"], processes: int | None) -> None:
    """Hear and act: web and worker."""
    _run(extensions, web=True, worker=True, processes=processes)


@click.command()
@click.option(
    "--processes",
    type=PROCESSES,
    help="Hear in so many processes at one port (PostgreSQL); WARROOM_PROCESSES unless given.",
)
@click.pass_obj
def web(extensions: Sequence["Extension"], processes: int | None) -> None:
    """Hear: webhooks, the gate, Slack."""
    _run(extensions, web=True, worker=False, processes=processes)


@click.command()
@click.pass_obj
def worker(extensions: Sequence["Extension"]) -> None:
    """Act: run the clock, deliver to Slack."""
    _run(extensions, web=False, worker=True, processes=1)


def _run(
    extensions: Sequence["Extension"], *, web: bool, worker: bool, processes: int | None
) -> None:
    with importing():
        from bot import app, logs  # noqa: PLC0415 - see above
        from bot.settings import load_settings  # noqa: PLC0415

    logs.configure()
    tune()
    settings = load_settings()
    count = processes or settings.warroom_processes
    if count > 1:
        from bot.cli.processes import several  # noqa: PLC0415 - one process needs none

        settings, web = several(settings, count, worker=worker)
        worker = not web
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(app.run(settings, extensions, web=web, worker=worker, shared=count > 1))


def tune() -> None:
    """Set this process up for a bot: its interpreter, and how many files it may open."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(YOUNG_OBJECTS)
    _raise_limit()


def _raise_limit() -> None:
    """Have as many files open as the system allows: each connection is one.

    A shell begins with 1,024, for programs that can't count further, and a thousand webhooks may
    wait here.
    """
    try:
        import resource  # noqa: PLC0415 - it isn't there on Windows
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(ValueError, OSError):  # macOS knows a limit that it doesn't tell
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

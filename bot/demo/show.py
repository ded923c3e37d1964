"""`warroom demo`: starts everything, says where, and waits until somebody stops it.

Rules
- One address is printed; a browser opens it where there is one, and its failure is none of ours.
- Ctrl-C, SIGTERM and a terminal that is closed end it cleanly, also while it starts.
- A second Ctrl-C or SIGTERM doesn't wait for that; a second word of a closed terminal is usual.
"""

import asyncio
import os
import signal
import sys
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.demo import browser

if TYPE_CHECKING:
    from bot.demo.stage import Stage

IMPATIENT = (signal.SIGINT, signal.SIGTERM)
HANG_UP = getattr(signal, "SIGHUP", None)  # Windows has none

Echo = Callable[[str], None]


async def run(port: int | None, keep: Path | None, echo: Echo, *, with_browser: bool) -> None:
    """Run until it is stopped. UsageError where `port` or `keep` can't be used."""
    stop, environment, say = _stop_by_signal(), dict(os.environ), _whoever_reads(echo)
    async with AsyncExitStack() as stack:
        with _progress(say) as tell:
            tell("Loading …")
            from bot.demo.stage import stage  # noqa: PLC0415 - it takes a while: said before

            here = await stack.enter_async_context(stage(keep, port, tell, with_precedent=True))
        if not stop.is_set():
            address = f"{here.slack.url}/"
            say(f"The demo runs at {address}")
            say(f"Stop it with Ctrl-C; {_fate(keep)}.")
            if with_browser and browser.available(environment, sys.platform):
                browser.open_in_browser(address, environment)
            await _until(stop, here)
    say(f"Stopped; {_fate(keep, past=True)}.")


def _whoever_reads(echo: Echo) -> Echo:
    def say(text: str) -> None:
        try:
            echo(text)
        except OSError:  # the terminal is gone; what stands in the buffer must not fail at the exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return say


async def _until(stop: asyncio.Event, here: "Stage") -> None:
    """Return once it is stopped; raise what ended a part of the bot."""
    stopped = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(here.bot.ended())
    await asyncio.wait([stopped, ended], return_when=FIRST_COMPLETED)
    if ended.done():
        ended.result()
    ended.cancel()


def _fate(keep: Path | None, *, past: bool = False) -> str:
    done = "was" if past else "is"
    return f"it {done} kept in {keep}" if keep else f"nothing {done} kept"


def _stop_by_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        stop.set()
        for number in IMPATIENT:
            loop.remove_signal_handler(number)

    with suppress(NotImplementedError):  # Windows: Ctrl-C is a KeyboardInterrupt there
        for number in IMPATIENT:
            loop.add_signal_handler(number, end)
        if HANG_UP and signal.getsignal(HANG_UP) is not signal.SIG_IGN:  # nohup: it is to go on
            loop.add_signal_handler(HANG_UP, end)
    return stop


@contextmanager
def _progress(echo: Echo) -> Iterator[Callable[[str], object]]:
    """Tell what is being started: on one line of a terminal, on a line each elsewhere."""
    from rich.console import Console  # noqa: PLC0415 - only here, and --help answers at once

    console = Console()
    if not console.is_terminal:
        yield echo
        return
    with console.status("") as status:
        yield status.update

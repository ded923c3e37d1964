"""`make profile`: flame graphs of where the bot's time goes, one for each way through it.

Rules
- What is drawn is who holds the interpreter, at each of so many moments (py-spy): a thread that
  waits isn't in it.
- The load is the bench's own. py-spy reads another process, which takes root or the right to trace.
"""

import argparse
import asyncio
import itertools
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path

from tests.bench import clicks
from tests.bench.bot import Bot
from tests.bench.line import Line
from tests.bench.load import accepted, send
from tests.bench.slack_side import quiet
from tests.bench.stock import Stock

SECONDS = 10
EACH_SECOND = 250
SENDERS = 16
BURST = 100
SETTLED = 120.0


Load = Coroutine[None, None, object]


async def _intake(bot: Bot) -> Load:
    return accepted(bot.url, SENDERS, SECONDS)


async def _clicks(bot: Bot) -> Load:
    prepared = await clicks.prepared(bot)

    async def load() -> None:
        for click in itertools.cycle(prepared):  # the second time they change nothing any more
            await clicks.clicked(bot, [click])

    return load()


async def _outbox(bot: Bot) -> Load:
    async def load() -> None:
        numbers = itertools.count()
        async with Line(bot.url) as line:
            while True:
                for number in itertools.islice(numbers, BURST):
                    await send(bot, line, number)
                await quiet(bot, SETTLED)

    return load()


# Each prepares the bot, and gives the load under which it is drawn.
WAYS: Mapping[str, Callable[[Bot], Awaitable[Load]]] = {
    "intake": _intake,
    "click": _clicks,
    "outbox": _outbox,
}


async def _drawn(name: str, folder: Path, config: Path) -> Path:
    picture = folder / f"{name}.svg"
    async with Bot(config) as bot:
        load = asyncio.create_task(await WAYS[name](bot))
        program = Path(sys.executable).with_name("py-spy")
        options = f"--gil --duration {SECONDS} --rate {EACH_SECOND} --format flamegraph".split()
        command = ("record", *options, "--pid", str(bot.pid), "--output", str(picture))
        spy = await asyncio.create_subprocess_exec(program, *command, stdout=PIPE, stderr=PIPE)
        _, said = await spy.communicate()
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)
    if spy.returncode:
        raise SystemExit(f"py-spy ended with {spy.returncode}: {said.decode().strip()}")
    return picture


def main() -> None:
    """Draw those that are asked for into a folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profile", description=__doc__)
    parser.add_argument("ways", nargs="*", default=list(WAYS), metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--to", type=Path, default=Path("profiles"), help="the folder")
    given = parser.parse_args()
    given.to.mkdir(exist_ok=True)
    with Stock() as stock:
        for name in given.ways:
            if name not in WAYS:
                parser.error(f"found {name!r}, need some of: {', '.join(WAYS)}")
            print(asyncio.run(_drawn(name, given.to, stock.config)))


if __name__ == "__main__":
    main()

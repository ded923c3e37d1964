"""The bot's web without its worker, on any database: what intake costs with nobody delivering.

python -m tests.bench.web_alone [log]

With `log` what comes in is put into the log too, as a worker does.
"""

import asyncio
import sys

from bot import logs
from bot.app import create_app, running
from bot.cli.event_loop import loop_factory
from bot.cli.serve import tune
from bot.evidence.sequencer import follow_log
from bot.settings import load_settings


async def main() -> None:
    """Hear until the process is ended. `warroom web` refuses SQLite, where nobody would act."""
    async with create_app(load_settings()) as app, running(app, web=True, worker=False) as here:
        if sys.argv[1:] == ["log"]:
            here.start("log", follow_log(app.engine))
        await here.ended()


if __name__ == "__main__":
    logs.configure()
    tune()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())

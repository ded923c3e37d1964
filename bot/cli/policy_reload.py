"""`warroom policy reload`: have the processes that run go on with the files as they are now.

Rules
- It records what it loads, as a start does. Each process sees that, reads its own files, and goes
  on with them where they say the same.
- Files that can't be used change nothing.
"""

import asyncio
import sys
from collections.abc import Sequence

import click

from bot.app import utc_now
from bot.domain.configuration import CONFIGURATION, STREAM_ID
from bot.domain.count import counted
from bot.engine.engine import Engine
from bot.engine.loads import who_runs_this
from bot.engine.wakeups import Wakeups
from bot.integrations.extension import Extension
from bot.integrations.registry import kinds_of, with_built_in
from bot.outbox.enqueue import RegisteredFollowers
from bot.policies.load import Config, load
from bot.settings import Settings, load_settings
from bot.storage.opening import open_database
from bot.storage.transaction import Stream
from bot.yaml.problems import ConfigError

REFUSED = 1


@click.command(short_help="Have running processes take up the files as they are.")
@click.pass_obj
def reload(extensions: Sequence[Extension]) -> None:
    """Have every process that runs go on with the files as they are now.

    A process takes them up within seconds where its own files say the same, and logs it where they
    don't. Rooms keep the policies that they were opened under.

    Exit code 0: the files are loaded, or say what was loaded last. 1: they can't be used, and
    nothing has changed.
    """
    settings, parts = load_settings(), with_built_in(extensions)
    try:
        config = load(settings.warroom_config, parts.sections)
    except ConfigError as error:
        click.echo(str(error))
        click.echo("Nothing has changed: what was loaded before holds on.")
        sys.exit(REFUSED)
    before, after = asyncio.run(_recorded(settings, parts, config))
    count = counted(len(config.policies), "policy", "policies")
    changed = "is on record" if after != before else "says the same already: nothing has changed"
    click.echo(f"{count}; configuration {after} {changed}.")


async def _recorded(settings: Settings, parts: Extension, config: Config) -> tuple[int, int]:
    """Record what is loaded; gives the configuration's numbers before and after."""
    database = await asyncio.to_thread(open_database, settings.database_url)
    followers = RegisteredFollowers(kinds_of(parts, settings), parts.followers)
    engine = Engine(database, config, utc_now, Wakeups(asyncio.get_running_loop()), followers)
    try:
        stream = Stream(CONFIGURATION.kind, STREAM_ID)
        before = await asyncio.to_thread(engine.store.version, stream)
        await engine.start(who_runs_this())
        return before, engine.configuration
    finally:
        await asyncio.to_thread(engine.stop)
        database.dispose()

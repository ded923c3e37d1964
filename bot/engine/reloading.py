"""The configuration's files taken up anew by a process that runs.

Rules
- Files that can't be used change nothing: what was loaded before holds on, and the log has all
  that is wrong with them.
- Where another process has loaded something else, this one looks at its own files, and goes on with
  them if they say the same. So whoever asks one process to reload has asked all of them.
"""

import asyncio
from collections.abc import Callable

import structlog

from bot.engine.engine import Engine
from bot.errors import UsageError
from bot.policies.load import Config
from bot.storage.store import DatabaseUnavailableError
from bot.yaml.problems import ConfigError

log = structlog.get_logger()

# What is to be done once a configuration holds; UsageError where it can't be used.
Prepare = Callable[[Config], Callable[[], None]]


class Reloading:
    """Reads the files and has the engine, and whoever else works by them, go on with them."""

    def __init__(self, engine: Engine, read: Callable[[], Config], started_by: str) -> None:
        self._engine, self._read, self._started_by = engine, read, started_by
        self._prepare: list[Prepare] = []
        self._turn = asyncio.Lock()

    def used_by(self, prepare: Prepare) -> None:
        """Somebody more works by the configuration."""
        self._prepare.append(prepare)

    async def reload(self) -> None:
        """Take the files up as they are now, and record that."""
        await self._reload(self._started_by)

    async def follow(self) -> None:
        """Take up what another process has loaded last, where the files here say the same."""
        if self._engine.is_outdated:
            await self._reload(None)

    async def _reload(self, started_by: str | None) -> None:
        async with self._turn:
            try:
                config = await asyncio.to_thread(self._read)
                using = [prepare(config) for prepare in self._prepare]
                if await self._engine.reload(config, started_by):
                    for use in using:
                        use()
                    log.info("configuration.reloaded", configuration=self._engine.configuration)
                else:
                    log.warning("configuration.differs", last=self._engine.configuration)
            except ConfigError as error:
                problems = [f"{each.place}: {each.message}" for each in error.problems]
                log.warning("configuration.refused", problems=problems)
            except UsageError as error:
                log.warning("configuration.refused", problems=[str(error)])
            except DatabaseUnavailableError as error:
                log.warning("configuration.database_away", error=str(error))

"""Looks again and again whether something is to be done for the log, whatever the last look did.

Rules
- Where the database is away, or the log's rows are damaged, it is said, and looked again later.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.evidence.damage import AGAIN_SECONDS, DAMAGED, tell_damage
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()


async def keep_looking(
    part: str, look: Callable[[], Awaitable[object]], every: float, away: float = 0.0
) -> None:
    """Look every so many seconds, by which `part` is said to do it, until it is cancelled.

    Where the database is away it waits for `away` seconds besides.
    """
    while True:
        try:
            await look()
        except DatabaseUnavailableError as error:
            log.warning("log.database_away", at=part, error=str(error))
            await asyncio.sleep(away)
        except DAMAGED as error:
            tell_damage(part, error)
            await asyncio.sleep(AGAIN_SECONDS)
        await asyncio.sleep(every)

"""Looking at the bot's own record, so that the panel shows what is true within a second.

Rules
- Whatever happens in Slack is a reason to look; so is a second in which nothing did.
- A database that is away for a moment is looked at again soon.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.engine.engine import Engine
from bot.local_slack import FeedEvent, LocalSlack
from bot.storage.store import DatabaseUnavailableError

LOOK_EVERY_SECONDS = 1.0
TOLD_SECONDS = 10.0


async def follow(slack: LocalSlack, *looks: Callable[[], Awaitable[None]]) -> None:
    """Call each of `looks`, again and again, until it is cancelled."""
    woken = asyncio.Event()

    def wake(event: FeedEvent) -> None:
        if event.type != "panel.changed":  # our own doing
            woken.set()

    slack.on_change(wake)
    while True:
        for look in looks:
            with suppress(DatabaseUnavailableError):
                await look()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await woken.wait()
        woken.clear()


async def all_told(engine: Engine, room_id: str) -> None:
    """Return once all that a room has to say has been delivered. TimeoutError."""
    async with asyncio.timeout(TOLD_SECONDS):
        while await asyncio.to_thread(engine.store.undelivered, room_id):
            await engine.wakeups.room_changed(room_id, LOOK_EVERY_SECONDS / 20)

"""When a home tab is published anew: it was opened, or a button in it was used."""

from typing import Any

import structlog

from bot.domain.effect import Effect
from bot.engine.engine import Engine
from bot.integrations.slack.kinds import PUBLISH_HOME
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()


class HomeTab:
    """Listens to people opening the app."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def opened(self, event: dict[str, Any]) -> None:
        """Somebody opened the app: their home tab is published. DatabaseUnavailableError."""
        user = event.get("user")
        if user and event.get("tab", "home") == "home":
            await publish(self._engine, str(user))


async def publish(engine: Engine, user: str) -> None:
    """Have the home tab of `user` published. DatabaseUnavailableError."""
    await engine.deliver(
        Effect(kind=PUBLISH_HOME.name, lane=f"home:{user}", payload={"user": user})
    )


async def refresh(engine: Engine, user: str) -> None:
    """Have the home tab of `user` published anew, if the database takes it just now.

    What led to it is recorded by then, and stays so when it doesn't.
    """
    try:
        await publish(engine, user)
    except DatabaseUnavailableError as error:
        name = engine.people.in_slack(user).name
        log.warning("home.not_refreshed", user=name, error=str(error))

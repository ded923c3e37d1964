"""Which app the bot is and where it is installed: asked of Slack once, and kept.

Rules
- While Slack hasn't said it is asked anew, one question at a time.
- Whoever asks waits `ASK_SECONDS` at most. What comes later is there for the next one.
"""

import asyncio
from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.integrations.slack.deliver.failures import SlackFailure, error_name

log = structlog.get_logger()

ASK_SECONDS = 0.8


@dataclass(frozen=True, slots=True)
class Installation:
    """An app, and the team that has installed it; the `enterprise` where that has, as a whole."""

    app: str
    team: str
    enterprise: str | None

    def other_team(self, team: str | None) -> str | None:
        """`team` where it is not the installed one.

        In an org-wide installation a team is one of many: it tells nothing.
        """
        return None if self.enterprise or not team or team == self.team else team


class Installed:
    """Asks Slack for the installation, from when it is first wanted."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._asking: asyncio.Task[Installation] | None = None

    def ask(self) -> asyncio.Task[Installation]:
        """The question, begun if it has to be; on a running loop."""
        if self._asking is None or (self._asking.done() and _failure(self._asking)):
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_failure)
        return self._asking

    async def known(self) -> Installation | None:
        """The installation; None while Slack hasn't said."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await asyncio.shield(self.ask())
        except SlackFailure as error:
            log.warning("slack.installation_unknown", error=error_name(error))
            return None

    async def _ask(self) -> Installation:
        who = await self._client.auth_test()
        bot = (await self._client.bots_info(bot=str(who.get("bot_id")))).get("bot") or {}
        enterprise = who.get("enterprise_id") if who.get("is_enterprise_install") else None
        return Installation(
            app=str(bot.get("app_id")), team=str(who.get("team_id")), enterprise=enterprise
        )


def _failure(asking: asyncio.Task[Installation]) -> object:
    """What went wrong with an ended question; looked at, so that nobody calls it forgotten."""
    return asking.cancelled() or asking.exception()

"""Where the app is installed: what Slack signs is taken from there, and for this app alone.

Rules
- The signature says that Slack sent it, and not from where: an app has one secret for all the
  workspaces that it is installed in.
- The installed team, or of an org-wide installation the enterprise, and the app's id are asked of
  Slack at the start, once, and kept: with Slack away later, clicks are taken as before. Until Slack
  has said them they are asked anew with each click, and nothing is taken.
- A click waits `ASK_SECONDS` for the answer. Whatever comes later is there for the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.integrations.slack.deliver.failures import SlackFailure, error_name
from bot.integrations.slack.hear.answers import Responder
from bot.integrations.slack.hear.submissions import instead, wrong
from bot.integrations.slack.show.inputs import notice

log = structlog.get_logger()

ASK_SECONDS = 0.8
UNAVAILABLE = 503
NOT_INSTALLED = "Nothing was done: this war room isn't installed in the workspace that asks."
OTHER_APP = "Nothing was done: this was meant for another app than this war room."
NOT_KNOWN = (
    "Nothing was recorded: Slack hasn't said yet where this war room is installed, so that nobody "
    "can be told from a stranger. Please try again in a moment."
)
Next = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Installation:
    """An app, and the team that has installed it; the `enterprise` where that has, as a whole."""

    app: str
    team: str
    enterprise: str | None

    def refusal(self, context: AsyncBoltContext, app: object) -> str | None:
        """Why what came with this context, for `app`, is not for us; None where it is."""
        if app != self.app:
            return OTHER_APP
        if self.enterprise:
            return None if context.enterprise_id == self.enterprise else NOT_INSTALLED
        return None if context.team_id == self.team else NOT_INSTALLED


class Installed:
    """Asks Slack for the installation, and holds what is heard against it; on a running loop."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._asking = self._question()

    async def known(self) -> Installation | None:
        """The installation; None while Slack hasn't said."""
        if self._asking.done() and _failure(self._asking):
            self._asking = self._question()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await asyncio.shield(self._asking)
        except SlackFailure as error:
            log.warning("slack.installation_unknown", error=error_name(error))
            return None

    async def checked(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        client: AsyncWebClient,
        context: AsyncBoltContext,
        respond: AsyncRespond,
        next_: Next,
    ) -> BoltResponse | None:
        """Pass on what is for us, and answer the rest; Bolt's middleware."""
        installation = await self.known()
        if installation is None:
            return await _answer(NOT_KNOWN, ack, body, Responder(body, client, respond))
        refusal = installation.refusal(context, body.get("api_app_id"))
        if refusal is None:
            await next_()
            return None
        log.warning(
            "slack.foreign_refused",
            kind=body.get("type") or body.get("command"),
            team=context.team_id,
            enterprise=context.enterprise_id,
            app=body.get("api_app_id"),
        )
        return await _answer(refusal, ack, body, Responder(body, client, respond))

    def _question(self) -> asyncio.Task[Installation]:
        asking = asyncio.create_task(self._ask())
        asking.add_done_callback(_failure)
        return asking

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


async def _answer(
    text: str, ack: AsyncAck, body: dict[str, Any], responder: Responder
) -> BoltResponse:
    """The refusal, told as what was heard can be answered.

    What can't be taken yet is not acknowledged, but where a person is told in the answer itself: an
    event comes again by that, and Slack shows a mark beside a button.
    """
    if "command" in body:
        return await ack(text=text, response_type="ephemeral")
    if body.get("type") == "view_submission":
        if text == NOT_KNOWN:
            return await wrong(ack, body["view"], {"": text})
        return await instead(ack, notice("War room", text))
    if body.get("type") == "block_actions":
        await responder.say(text)
    status = UNAVAILABLE if text == NOT_KNOWN else 200
    return BoltResponse(status=status, body={"error": text})

"""Where what Slack signs comes from: it is taken from where the app is installed, for this app.

Rules
- The signature says that Slack sent it, and not from where: an app has one secret for all the
  workspaces that it is installed in.
- It has to come from the installed team, or of an org-wide installation from the enterprise, and
  be meant for the installed app. Slack is asked which these are at the start, and once it has said
  so that is kept: with Slack away later, clicks are taken as before.
- Until Slack has said so nothing is taken: nobody could be told from a stranger.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.integrations.slack.hear.answers import Responder, instead, wrong
from bot.integrations.slack.installation import Installation, Installed
from bot.integrations.slack.show.inputs import notice

log = structlog.get_logger()

OK, NOT_FOUND, UNAVAILABLE = 200, 404, 503
NOT_INSTALLED = "Nothing was done: this war room isn't installed in the workspace that asks."
OTHER_APP = "Nothing was done: this was meant for another app than this war room."
NOT_KNOWN = (
    "Nothing was recorded: Slack hasn't said yet where this war room is installed, so that nobody "
    "can be told from a stranger. Please try again in a moment."
)
Next = Callable[[], Awaitable[None]]


class Provenance:
    """Holds what is heard against the installation; on a running loop."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        installed.ask()

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
        installation = await self._installed.known()
        if installation is None:
            return await _answer(NOT_KNOWN, ack, body, Responder(body, client, respond))
        refusal = _refusal(installation, context, body.get("api_app_id"))
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


def _refusal(installation: Installation, context: AsyncBoltContext, app: object) -> str | None:
    """Why what came with this context, for `app`, is not for us; None where it is."""
    if app != installation.app:
        return OTHER_APP
    if installation.enterprise:
        ours = context.enterprise_id == installation.enterprise
    else:
        ours = context.team_id == installation.team
    return None if ours else NOT_INSTALLED


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
    status = UNAVAILABLE if text == NOT_KNOWN else OK if body.get("type") else NOT_FOUND
    return BoltResponse(status=status, body={"error": text})

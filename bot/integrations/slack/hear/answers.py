"""How a person is answered: a message that only they see, or a modal where there is no channel.

Rules
- The answer is a courtesy: what was recorded stays recorded when Slack doesn't take the answer.
- Slack waits three seconds for the acknowledgement: nothing here takes longer than `PATIENCE`.
"""

import asyncio
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.refusal import Refusal, Why
from bot.integrations.slack.deliver.failures import SlackFailure, error_name
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.inputs import notice
from bot.integrations.slack.show.markup import mrkdwn
from bot.integrations.slack.show.text import View, outside, person
from bot.measures.safe_text import as_typed

log = structlog.get_logger()

PATIENCE = 1.8  # seconds
AWAY = (
    "Nothing was recorded: the war room's database can't be reached just now. "
    "Please try again in a moment."
)
_NOTICE = "War room"
_HEADINGS = {Why.DECIDED: "Decided already", Why.LAPSED: "Too late"}
_OK = 200


class Responder:
    """The way back to one person who clicked."""

    def __init__(self, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond) -> None:
        self._trigger = str(body.get("trigger_id") or "")
        self._client = client
        self._respond = respond if body.get("response_url") else None

    async def say(self, text: str) -> None:
        """Show `text`, the bot's words, to this person alone."""
        if self._respond is None:
            await self._open(notice(_NOTICE, text))
            return
        await self._answer(self._respond, text, replace=False)

    async def replace(self, text: str) -> None:
        """Show `text`, the bot's words, in the place of the message that was clicked on."""
        if self._respond is not None:
            await self._answer(self._respond, text, replace=True)

    async def open(self, view: View) -> None:
        """Open a modal; where Slack refuses, the person is told to try once more."""
        error = await self._open(view)
        if error and self._respond is not None:
            text = f"Slack didn't open the form ({outside(error, 100)}). Please click once more."
            await self.say(text)

    @staticmethod
    async def _answer(respond: AsyncRespond, text: str, *, replace: bool) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await respond(
                    text=mrkdwn(text),
                    blocks=[section(text)],
                    response_type="ephemeral",
                    replace_original=replace,
                )
        except SlackFailure as error:
            log.warning("answer.not_shown", error=error_name(error))
        else:
            if answer.status_code != _OK:
                log.warning("answer.not_shown", error=f"http_{answer.status_code}")

    async def _open(self, view: View) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._client.views_open(trigger_id=self._trigger, view=view)
        except SlackFailure as error:
            log.warning("modal.not_opened", view=view["callback_id"], error=error_name(error))
            return error_name(error)
        return None


def refused(refusal: Refusal) -> View:
    """The view that shows a refusal in the place of the modal that led to it."""
    return notice(_HEADINGS.get(refusal.why, _NOTICE), refusal.told(person))


def unknown(room_id: str) -> str:
    """What a person is told of a room that there isn't, mrkdwn."""
    return f"There is no war room `{outside(room_id, 40)}`."


async def wrong(ack: AsyncAck, view: View, errors: dict[str, str]) -> BoltResponse:
    """Say what is wrong beside the inputs; what belongs to none of them, beside the first."""
    blocks = [block["block_id"] for block in view["blocks"] if block.get("type") == "input"]
    if not blocks:
        return await instead(ack, notice("War room", " ".join(errors.values())))
    placed = {
        block if block in blocks else blocks[0]: as_typed(text) for block, text in errors.items()
    }
    return await ack(response_action="errors", errors=placed)


async def instead(ack: AsyncAck, view: View) -> BoltResponse:
    """Show another view in the modal's place."""
    return await ack(response_action="update", view=view)

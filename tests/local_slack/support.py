"""A running workspace, a bot for it, and short ways to write blocks."""

import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack import LocalSlack, LocalSlackConfig, People
from tests.build import ADA
from tests.serving import serving

Json = dict[str, Any]


@dataclass(frozen=True)
class Local:
    slack: LocalSlack
    people: People
    client: AsyncWebClient

    async def room(self, *members: str, name: str = "room", private: bool = True) -> str:
        made = await self.client.conversations_create(name=name, is_private=private)
        channel: str = made["channel"]["id"]
        if members:
            await self.client.conversations_invite(channel=channel, users=list(members))
        return channel


def client_of(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.config.bot_token, base_url=slack.api_url)


@contextlib.asynccontextmanager
async def local(**changes: object) -> AsyncIterator[Local]:
    config = LocalSlackConfig.model_validate(changes)
    async with LocalSlack(config) as slack, People(slack.url) as people:
        yield Local(slack, people, client_of(slack))


def app_for(here: Local) -> AsyncApp:
    return AsyncApp(client=here.client, signing_secret=here.slack.config.signing_secret)


@contextlib.asynccontextmanager
async def listening(here: Local, app: AsyncApp) -> AsyncIterator[None]:
    """The bot listens on HTTP, and Slack knows where."""
    async with serving(app.web_app()) as url:
        here.slack.set_request_url(f"{url}/slack/events")
        yield


@contextlib.asynccontextmanager
async def linked(here: Local, app: AsyncApp) -> AsyncIterator[None]:
    """The bot listens on a socket."""
    token = here.slack.config.app_token
    handler = AsyncSocketModeHandler(app, token, web_client=here.client)
    await handler.client.connect()  # type: ignore[no-untyped-call]  # the SDK has no types here
    try:
        yield
    finally:
        await handler.client.close()  # type: ignore[no-untyped-call]  # the same


async def refusal(call: Awaitable[Any]) -> Json:
    """The body with which Slack refuses a call."""
    try:
        answered = await call
    except SlackApiError as error:
        body: Json = dict(error.response.data)
        return body
    raise AssertionError(f"not refused: {answered}")


async def assert_refused_at(here: Local, block: Json, place: str) -> None:
    """A message with this block is refused, and the refusal points to the place."""
    call = here.client.chat_postMessage(channel=ADA, text="x", blocks=[block])
    refused = await refusal(call)
    assert refused["error"] == "invalid_blocks"
    messages = refused["response_metadata"]["messages"]
    assert any(message.endswith(f"[json-pointer:{place}]") for message in messages), messages


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str = "1", **more: object) -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain("Go"), **more}


def actions(*elements: Json, **more: object) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def section(text: str = "Hello", **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def asking(block_id: str, element: Json | None = None, **more: object) -> Json:
    element = element or {"type": "plain_text_input", "action_id": block_id}
    label = plain("Why")
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


def modal(*blocks: Json, **more: object) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [section()],
        **more,
    }

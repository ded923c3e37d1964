"""A person clicks, the bot hears of it: signed, in Slack's shape, within three seconds."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.local_slack import RefusedError
from tests.build import ADA, BOT, VAL
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    app_for,
    button,
    listening,
    local,
    plain,
    section,
)
from tests.serving import serving

OPTION = {"text": plain("High"), "value": "high"}
MENU = {"type": "static_select", "action_id": "level", "options": [OPTION]}


async def card(here: Local, *members: str) -> str:
    channel = await here.room(*members)
    blocks = [section("A card"), actions(button("go", "42"), MENU, block_id="row")]
    await here.client.chat_postMessage(channel=channel, text="A card", blocks=blocks)
    return channel


async def heard(here: Local, channel: str, **click: Any) -> tuple[Json, Any]:  # noqa: ANN401
    """The payload that a bot gets for a click, and what the click came to."""
    app, payloads = app_for(here), []

    @app.action(str(click["action_id"]))
    async def on_action(ack: Any, body: Json) -> None:  # noqa: ANN401
        payloads.append(body)
        await ack()

    async with listening(here, app):
        clicked = await here.people.click(channel=channel, user=ADA, **click)
    return payloads[0], clicked


async def test_a_click_reaches_the_bot_in_slacks_shape(here: Local) -> None:
    channel = await card(here, ADA)
    payload, clicked = await heard(here, channel, action_id="go")
    assert clicked.answer.acked
    assert clicked.answer.seconds < 3
    assert payload["user"] == {
        "id": ADA,
        "username": "ada",
        "name": "ada",
        "team_id": "T0ACME",
    }
    assert payload["container"] == {
        "type": "message",
        "message_ts": clicked.ts,
        "channel_id": channel,
        "is_ephemeral": False,
    }
    assert payload["message"]["ts"] == clicked.ts
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "row", "42")
    assert payload["channel"] == {"id": channel, "name": "privategroup"}
    assert payload["response_url"].startswith(here.slack.url)
    assert (payload["enterprise"], payload["is_enterprise_install"]) == (None, False)


async def test_a_choice_is_told_and_kept_in_the_state(here: Local) -> None:
    channel = await card(here, ADA)
    payload, _ = await heard(here, channel, action_id="level", value="high")
    assert payload["actions"][0]["selected_option"] == OPTION
    assert payload["state"]["values"]["row"]["level"]["selected_option"] == OPTION


async def test_requests_are_really_signed(here: Local) -> None:
    channel, verified = await card(here, ADA), []
    verifier = SignatureVerifier(here.slack.config.signing_secret)

    async def listen(request: web.Request) -> web.Response:
        verified.append(verifier.is_valid_request(await request.read(), dict(request.headers)))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", listen)
    async with serving(app) as url:
        here.slack.set_request_url(f"{url}/")
        await here.people.click(user=ADA, channel=channel, action_id="go")
    assert verified == [True]


@pytest.mark.parametrize(
    ("user", "action_id", "error"),
    [
        (ADA, "gone", "no_such_action"),
        (VAL, "go", "channel_not_found"),
        ("U0NONE", "go", "user_not_found"),
        (BOT, "go", "user_not_found"),
    ],
)
async def test_nobody_clicks_what_they_cannot_see(
    here: Local, user: str, action_id: str, error: str
) -> None:
    channel = await card(here, ADA)
    with pytest.raises(RefusedError) as refused:
        await here.people.click(user=user, channel=channel, action_id=action_id)
    assert refused.value.error == error
    assert not await here.people.calls("block_actions")


async def test_an_option_that_is_not_offered_cannot_be_chosen(here: Local) -> None:
    channel = await card(here, ADA)
    with pytest.raises(RefusedError, match="not among the options"):
        await here.people.click(user=ADA, channel=channel, action_id="level", value="low")


async def test_a_bot_that_is_slow_to_acknowledge_shows_a_timeout() -> None:
    asked = asyncio.Event()

    async def listen(_: web.Request) -> web.Response:
        await asked.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", listen)
    async with local(ack_seconds=0.05) as here, serving(app) as url:
        channel = await card(here, ADA)
        here.slack.set_request_url(f"{url}/")
        clicked = await here.people.click(user=ADA, channel=channel, action_id="go")
        asked.set()
    assert clicked.answer is not None
    assert (clicked.answer.acked, clicked.answer.error) == (False, "operation_timeout")


async def test_a_bot_that_is_away_shows_a_failure(here: Local) -> None:
    channel = await card(here, ADA)
    nowhere = await here.people.click(user=ADA, channel=channel, action_id="go")
    here.slack.set_request_url("http://127.0.0.1:1/")
    refused = await here.people.click(user=ADA, channel=channel, action_id="go")
    for clicked in (nowhere, refused):
        assert clicked.answer is not None
        assert clicked.answer.error == "dispatch_failed"


async def test_a_bot_that_answers_with_an_error_shows_a_failure(here: Local) -> None:
    channel = await card(here, ADA)
    async with listening(here, app_for(here)):
        clicked = await here.people.click(user=ADA, channel=channel, action_id="go")
    assert clicked.answer is not None
    assert (clicked.answer.status, clicked.answer.error) == (404, "http_error")


async def test_a_button_in_the_home_tab_names_its_view(here: Local) -> None:
    home = {"type": "home", "blocks": [actions(button("refresh"))]}
    view = (await here.client.views_publish(user_id=ADA, view=home))["view"]
    app, payloads = app_for(here), []

    @app.action("refresh")
    async def on_refresh(ack: Any, body: Json) -> None:  # noqa: ANN401
        payloads.append(body)
        await ack()

    async with listening(here, app):
        await here.people.click(user=ADA, view_id=view["id"], action_id="refresh")
    assert payloads[0]["container"] == {"type": "view", "view_id": view["id"]}
    assert payloads[0]["view"]["type"] == "home"


async def test_a_click_on_what_an_update_has_just_replaced_still_counts(here: Local) -> None:
    channel = await here.room(ADA)
    blocks = [actions(button("go", "42"))]
    posted = await here.client.chat_postMessage(channel=channel, text="A card", blocks=blocks)
    before = posted["message"]["blocks"][0]["block_id"]
    await here.client.chat_update(channel=channel, ts=posted["ts"], text="A card", blocks=blocks)
    payload, clicked = await heard(here, channel, action_id="go", ts=posted["ts"], block_id=before)
    assert clicked.answer.acked
    assert payload["actions"][0]["block_id"] != before

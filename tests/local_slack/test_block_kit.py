"""Block Kit's limits: each at its edge, and named with its place when it is crossed."""

import json
from collections.abc import Awaitable
from typing import Any

import pytest

from tests.build import ADA
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    asking,
    assert_refused_at,
    button,
    modal,
    plain,
    refusal,
    section,
)

OPTION = {"text": plain("One"), "value": "1"}
CONFIRM = {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}


def confirm(**more: Json) -> Json:
    return button("a", confirm={**CONFIRM, **more})


def menu(**more: object) -> Json:
    return {"type": "static_select", "action_id": "m", "options": [OPTION], **more}


def options(count: int) -> list[Json]:
    return [{"text": plain(str(number)), "value": str(number)} for number in range(count)]


GOOD: list[Json] = [
    section("x" * 3000),
    {"type": "section", "fields": [plain("x")] * 10},
    {"type": "section", "fields": [plain("x" * 2000)]},
    {"type": "header", "text": plain("x" * 150)},
    actions(*[button(f"a{number}") for number in range(25)]),
    {"type": "context", "elements": [plain("x")] * 10},
    actions(button("a" * 255, "v" * 2000, text=plain("x" * 75), url="https://" + "x" * 2992)),
    actions(menu(options=options(100))),
    actions(button("a", confirm=CONFIRM, style="danger")),
    section(accessory={"type": "overflow", "action_id": "o", "options": options(5)}),
    actions(menu(options=[{"text": plain("x" * 75), "value": "v" * 75}])),
    actions(
        confirm(
            title=plain("x" * 100),
            text=plain("x" * 300),
            confirm=plain("x" * 30),
            deny=plain("x" * 30),
        )
    ),
    section(block_id="b" * 255),
    asking("why", label=plain("x" * 2000), hint=plain("x" * 2000)),
    {"type": "divider"},
    {"type": "image", "image_url": "https://acme.test/x.png", "alt_text": "x"},
    {"type": "markdown", "text": "**x**"},
    asking("why"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
async def test_what_slack_accepts_is_accepted(here: Local, block: Json) -> None:
    assert (await here.client.chat_postMessage(channel=ADA, text="x", blocks=[block]))["ok"]


BAD: list[tuple[Json, str]] = [
    (section("x" * 3001), "/blocks/0/text/text"),
    (section(""), "/blocks/0/text/text"),
    ({"type": "section"}, "/blocks/0"),
    ({"type": "section", "fields": [plain("x")] * 11}, "/blocks/0/fields"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "/blocks/0/fields/0/text"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/blocks/0/text/type"),
    (actions(*[button(f"a{number}") for number in range(26)]), "/blocks/0/elements"),
    (actions(), "/blocks/0/elements"),
    ({"type": "context", "elements": [plain("x")] * 11}, "/blocks/0/elements"),
    (actions(button("a"), button("a")), "/blocks/0/elements/1/action_id"),
    (actions(button("a" * 256)), "/blocks/0/elements/0/action_id"),
    (actions(button("a", "v" * 2001)), "/blocks/0/elements/0/value"),
    (actions(button("a", url="https://" + "x" * 3000)), "/blocks/0/elements/0/url"),
    (actions(button("a", text=plain("x" * 76))), "/blocks/0/elements/0/text/text"),
    (actions(button("a", style="loud")), "/blocks/0/elements/0/style"),
    (actions(button("a", colour="red")), "/blocks/0/elements/0"),
    (actions(button("a", confirm={"title": plain("t")})), "/blocks/0/elements/0/confirm"),
    (actions(menu(options=options(101))), "/blocks/0/elements/0/options"),
    (actions({"type": "static_select", "action_id": "m"}), "/blocks/0/elements/0"),
    (actions(menu(initial_option=options(1)[0])), "/blocks/0/elements/0"),
    (actions(menu(placeholder=plain("x" * 151))), "/blocks/0/elements/0/placeholder/text"),
    (actions({"type": "plain_text_input", "action_id": "p"}), "/blocks/0/elements/0/type"),
    (
        actions(menu(options=[{"text": plain("x" * 76), "value": "v"}])),
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        actions(menu(options=[{"text": plain("x"), "value": "v" * 76}])),
        "/blocks/0/elements/0/options/0/value",
    ),
    (actions(confirm(title=plain("x" * 101))), "/blocks/0/elements/0/confirm/title/text"),
    (actions(confirm(text=plain("x" * 301))), "/blocks/0/elements/0/confirm/text/text"),
    (actions(confirm(confirm=plain("x" * 31))), "/blocks/0/elements/0/confirm/confirm/text"),
    (actions(confirm(deny=plain("x" * 31))), "/blocks/0/elements/0/confirm/deny/text"),
    (asking("why", hint=plain("x" * 2001)), "/blocks/0/hint/text"),
    (section(block_id="b" * 256), "/blocks/0/block_id"),
    ({"type": "carousel"}, "/blocks/0/type"),
    (asking("why", label=plain("x" * 2001)), "/blocks/0/label/text"),
    ({"type": "input", "element": asking("w")["element"]}, "/blocks/0"),
]


@pytest.mark.parametrize(("block", "place"), BAD)
async def test_what_slack_refuses_is_refused_with_its_place(
    here: Local, block: Json, place: str
) -> None:
    await assert_refused_at(here, block, place)


async def test_a_message_has_fifty_blocks_at_most_and_no_block_id_twice(here: Local) -> None:
    assert (await here.client.chat_postMessage(channel=ADA, text="x", blocks=[section()] * 50))[
        "ok"
    ]
    many = await refusal(
        here.client.chat_postMessage(channel=ADA, text="x", blocks=[section()] * 51)
    )
    twice = await refusal(
        here.client.chat_postMessage(channel=ADA, text="x", blocks=[section(block_id="b")] * 2)
    )
    assert many["error"] == twice["error"] == "invalid_blocks"


def long_blocks(characters: int) -> list[Json]:
    """Blocks of this many characters together, none of which is too long."""
    blocks = [section("x" * 2900)] * 4
    missing = characters - len(json.dumps([*blocks, section("")]))
    return [*blocks, section("x" * missing)]


async def test_blocks_that_are_too_long_together_are_refused_wherever_they_are_sent(
    here: Local,
) -> None:
    client, channel = here.client, await here.room(ADA)
    fits, long = long_blocks(12_000), long_blocks(12_001)
    posted = await client.chat_postMessage(channel=channel, text="x", blocks=fits)
    calls = [
        client.chat_postMessage(channel=channel, text="x", blocks=long),
        client.chat_update(channel=channel, ts=str(posted["ts"]), text="x", blocks=long),
        client.chat_postEphemeral(channel=channel, user=ADA, text="x", blocks=long),
        client.chat_postMessage(channel=channel, text="x", attachments=[{"blocks": long}]),
    ]
    assert {(await refusal(call))["error"] for call in calls} == {"msg_blocks_too_long"}


async def test_what_is_long_is_measured_in_characters(here: Local) -> None:
    blocks = [section("ж" * 2900)] * 4
    assert (await here.client.chat_postMessage(channel=ADA, text="x", blocks=blocks))["ok"]


async def test_a_view_may_be_longer(here: Local) -> None:
    view = {"type": "home", "blocks": [section("x" * 3000)] * 5}
    assert (await here.client.views_publish(user_id=ADA, view=view))["ok"]


BAD_VIEWS: list[tuple[Json, str]] = [
    ({**modal(), "title": plain("x" * 25)}, "/view/title/text"),
    ({**modal(), "submit": plain("x" * 25)}, "/view/submit/text"),
    ({**modal(), "close": plain("x" * 25)}, "/view/close/text"),
    ({**modal(), "private_metadata": "x" * 3001}, "/view/private_metadata"),
    ({**modal(), "callback_id": "x" * 256}, "/view/callback_id"),
    ({**modal(), "blocks": [section()] * 101}, "/view/blocks"),
    ({**modal(asking("why")), "submit": None}, "/view"),
    ({"type": "modal", "blocks": []}, "/view"),
    ({**modal(), "type": "popup"}, "/view/type"),
    (modal({"type": "markdown", "text": "x"}), "/view/blocks/0/type"),
    (modal(asking("a"), asking("a")), "/view/blocks/1/block_id"),
    (modal(actions(button("a"), button("a"))), "/view/blocks/0/elements/1/action_id"),
]


@pytest.mark.parametrize(("view", "place"), BAD_VIEWS)
async def test_a_bad_modal_is_refused_before_its_trigger_is_looked_at(
    here: Local, view: Json, place: str
) -> None:
    refused = await refusal(here.client.views_open(trigger_id="1.2.x", view=view))
    assert refused["error"] == "invalid_arguments"
    messages = refused["response_metadata"]["messages"]
    assert any(message.endswith(f"[json-pointer:{place}]") for message in messages), messages


async def test_a_home_tab_has_a_hundred_blocks_at_most(here: Local) -> None:
    def published(count: int) -> Awaitable[Any]:
        view = {"type": "home", "blocks": [section()] * count}
        return here.client.views_publish(user_id=ADA, view=view)

    assert (await published(100))["ok"]
    refused = await refusal(published(101))
    assert "/view/blocks]" in refused["response_metadata"]["messages"][0]


async def test_a_home_tab_has_no_title(here: Local) -> None:
    view = {"type": "home", "title": plain("x"), "blocks": [section()]}
    refused = await refusal(here.client.views_publish(user_id=ADA, view=view))
    assert refused["error"] == "invalid_arguments"

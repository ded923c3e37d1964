"""Content that could not be shown or kept is refused, or made harmless, before it is stored."""

import json

import httpx
import pytest

from bot.local_slack import RefusedError
from bot.local_slack.state.tickets import Tickets
from tests.build import ADA, BOT, VAL
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    app_for,
    button,
    listening,
    refusal,
    section,
)

HALF = "\\ud83d"
WHOLE = "\N{REPLACEMENT CHARACTER}"


def tickets(here: Local) -> Tickets:
    return here.slack.workspace.tickets


async def answer(here: Local, **body: object) -> Json:
    """What a response URL answers, for something said in direct messages."""
    direct = (await here.client.conversations_open(users=ADA))["channel"]["id"]
    response = tickets(here).new_response(ADA, direct, None)
    said = await here.people.http.post(f"/response/{response}", json=body)
    return {"ok": True} if said.status_code == httpx.codes.OK else dict(said.json())


BAD_ATTACHMENTS: list[tuple[object, str]] = [
    ([{"text": 5}], "invalid_attachments"),
    ([{"title": "x", "title_link": 7}], "invalid_attachments"),
    ([{"fields": [{"title": "a", "value": 3}]}], "invalid_attachments"),
    ([{"fields": "a"}], "invalid_attachments"),
    ([{"pretext": ["x"]}], "invalid_attachments"),
    ([{"ts": {}}], "invalid_attachments"),
    (["x"], "invalid_attachments"),
    ({"text": "x"}, "invalid_attachments"),
    ([{"text": "x"}] * 101, "too_many_attachments"),
    ([{"blocks": "x"}], "invalid_blocks_format"),
    ([{"blocks": [{"type": "section", "text": "plain"}]}], "invalid_blocks"),
    ([{"blocks": [{"type": "image", "alt_text": "x"}]}], "invalid_blocks"),
]


@pytest.mark.parametrize(("attachments", "error"), BAD_ATTACHMENTS)
async def test_attachments_of_a_wrong_kind_are_refused_wherever_they_come(
    here: Local, attachments: object, error: str
) -> None:
    given = {"channel": ADA, "text": "x", "attachments": attachments}
    refused = await refusal(here.client.api_call("chat.postMessage", json=given))
    assert refused["error"] == error
    assert (await answer(here, text="x", attachments=attachments))["error"] == error


async def test_a_bad_block_of_an_attachment_is_named_with_its_place(here: Local) -> None:
    attachments: list[Json] = [{"text": "x"}, {"blocks": [{"type": "carousel"}]}]
    refused = await refusal(
        here.client.chat_postMessage(channel=ADA, text="x", attachments=attachments)
    )
    assert "/attachments/1/blocks/0/type" in refused["response_metadata"]["messages"][0]


async def test_attachments_as_bots_send_them_are_taken(here: Local) -> None:
    full = {
        "color": "#2eb886",
        "fallback": "x",
        "author_name": "Ada",
        "title": "Run 7",
        "title_link": "https://acme.test",
        "text": "*done*",
        "fields": [{"title": "a", "value": "b", "short": True}],
        "mrkdwn_in": ["text"],
        "ts": 1_795_262_400,
        "image_url": None,
        "made_up": {"by": "the bot"},
    }
    posted = await here.client.chat_postMessage(channel=ADA, text="x", attachments=[full])
    assert posted["message"]["attachments"][0]["fields"] == full["fields"]


async def test_a_button_in_an_attachment_can_be_clicked(here: Local) -> None:
    attachments: list[Json] = [
        {"text": "first"},
        {"blocks": [section(), actions(button("go", "7"))]},
    ]
    await here.client.chat_postMessage(channel=ADA, text="x", attachments=attachments)
    app, heard = app_for(here), []

    @app.action("go")
    async def on_go(ack: object, body: Json) -> None:
        heard.append(body)
        await ack()  # type: ignore[operator]  # Bolt gives what can be awaited

    async with listening(here, app):
        clicked = await here.people.click(user=ADA, channel=BOT, action_id="go")
    assert clicked.answer is not None
    assert clicked.answer.acked
    assert heard[0]["actions"][0]["value"] == "7"
    container = heard[0]["container"]
    assert (container["type"], container["attachment_id"]) == ("message_attachment", 2)


@pytest.mark.parametrize(
    "table",
    [
        {"rows": [5]},
        {"rows": [[5]]},
        {"rows": [[{"type": "raw_text", "text": 5}]]},
        {"rows": [[{"type": "raw_text", "text": "x"}] * 21]},
        {"rows": [[{"type": "rich_text", "elements": []}]]},
        {"rows": [[{"type": "raw_text", "text": "x"}]], "column_settings": [{"align": "up"}]},
    ],
)
async def test_the_cells_of_a_table_are_checked(here: Local, table: Json) -> None:
    blocks = [{"type": "table", **table}]
    refused = await refusal(here.client.chat_postMessage(channel=ADA, text="x", blocks=blocks))
    assert refused["error"] == "invalid_blocks"


async def test_a_table_is_taken(here: Local) -> None:
    said = {"type": "rich_text_section", "elements": [{"type": "text", "text": "b"}]}
    cells = [{"type": "raw_text", "text": "a"}, {"type": "rich_text", "elements": [said]}]
    table = {"type": "table", "rows": [cells, cells], "column_settings": [None, {"align": "right"}]}
    assert (await here.client.chat_postMessage(channel=ADA, text="x", blocks=[table]))["ok"]


async def test_what_is_given_as_null_is_not_there(here: Local) -> None:
    option = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    label = {"type": "plain_text", "text": "All"}
    groups = [{"label": label, "options": [option]}]
    menu = {"type": "static_select", "action_id": "m", "options": None, "option_groups": groups}
    blocks = [{**actions(menu), "block_id": None}]
    posted = await here.client.api_call(
        "chat.postMessage", json={"channel": ADA, "text": "x", "blocks": blocks}
    )
    assert posted["message"]["blocks"][0]["block_id"]
    clicked = await here.people.click(user=ADA, channel=BOT, action_id="m", value="1")
    assert clicked.ts == posted["ts"]


@pytest.mark.parametrize("given", [5, "x", {}])
async def test_first_options_that_are_no_list_are_refused(here: Local, given: object) -> None:
    option = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    boxes = {"type": "checkboxes", "action_id": "c", "options": [option], "initial_options": given}
    call = here.client.chat_postMessage(channel=ADA, text="x", blocks=[actions(boxes)])
    assert (await refusal(call))["error"] == "invalid_blocks"


async def said(here: Local, method: str, body: str) -> Json:
    headers = {"Authorization": "Bearer xoxb-local", "Content-Type": "application/json"}
    answered = await here.people.http.post(f"/api/{method}", content=body, headers=headers)
    return dict(answered.json())


async def test_half_a_surrogate_pair_is_replaced_wherever_a_call_has_one(here: Local) -> None:
    blocks = json.dumps([section("HALF")]).replace("HALF", HALF)
    escaped = json.dumps(blocks)
    body = f'{{"channel": "{ADA}", "text": "a{HALF}b", "blocks": {escaped}}}'
    posted = await said(here, "chat.postMessage", body)
    assert posted["message"]["text"] == f"a{WHOLE}b"
    assert posted["message"]["blocks"][0]["text"]["text"] == WHOLE
    pair = await said(here, "chat.postMessage", f'{{"channel": "{ADA}", "text": "\\ud83d\\ude00"}}')
    assert pair["message"]["text"] == "\N{GRINNING FACE}"
    state = await here.people.http.get("/control/state")
    assert state.json()["ok"]


@pytest.mark.parametrize("body", ['{"limit": NaN}', '{"a": ' + "[" * 5000 + "]" * 5000 + "}"])
async def test_what_could_not_be_shown_again_is_no_json(here: Local, body: str) -> None:
    assert (await said(here, "users.list", body))["error"] == "invalid_json"


async def test_half_a_pair_in_the_bots_answers_is_replaced(here: Local) -> None:
    direct = (await here.client.conversations_open(users=ADA))["channel"]["id"]
    response = tickets(here).new_response(ADA, direct, None)
    await here.people.http.post(f"/response/{response}", content=f'{{"text": "a{HALF}"}}')
    assert (await here.people.messages(ADA, direct))[-1].text == f"a{WHOLE}"


async def test_a_reply_through_a_response_url_names_a_thread_that_is_there(here: Local) -> None:
    assert (await answer(here, text="x", thread_ts={}))["ok"]
    assert (await answer(here, text="x", thread_ts=[1]))["error"] == "thread_not_found"


async def test_nobody_clicks_what_is_in_no_block_of_the_message(here: Local) -> None:
    await here.client.chat_postMessage(channel=VAL, text="x", attachments=[{"text": "x"}])
    with pytest.raises(RefusedError):
        await here.people.click(user=VAL, channel=BOT, action_id="go")


async def test_plain_text_that_asks_for_no_emoji_is_shown_as_typed_everywhere(here: Local) -> None:
    def plain(text: str) -> Json:
        return {"type": "plain_text", "text": f":tada: {text}", "emoji": False}

    labelled = {"type": "button", "action_id": "b", "text": plain("button")}
    blocks = [{"type": "header", "text": plain("header")}, actions(labelled)]
    direct = (await here.client.chat_postMessage(channel=ADA, text="x", blocks=blocks))["channel"]
    page = (await here.people.http.get(f"/?as={ADA}&in={direct}")).text
    for text in ("header", "button"):
        assert f":tada: {text}" in page
    assert "\N{PARTY POPPER}" not in page

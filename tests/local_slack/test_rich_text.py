"""`rich_text`: what of it Slack takes, what it refuses, and what its words are."""

import pytest

from tests.build import ADA, BOT
from tests.local_slack.support import Json, Local, asking, assert_refused_at, modal, refusal

TEXT: Json = {"type": "text", "text": "a", "style": {"bold": True, "underline": False}}
INLINE: list[Json] = [
    TEXT,
    {"type": "link", "url": "https://a.test", "text": "b", "unsafe": False},
    {"type": "link", "url": "https://b.test", "style": {"code": True}},
    {"type": "user", "user_id": ADA, "style": {"highlight": True}},
    {"type": "channel", "channel_id": "C0GENERAL"},
    {"type": "usergroup", "usergroup_id": "S1"},
    {"type": "broadcast", "range": "here"},
    {"type": "emoji", "name": "wave", "skin_tone": 2, "unicode": "1f44b-1f3fb"},
    {"type": "date", "timestamp": 1795179600, "format": "{time}", "fallback": "at one"},
    {"type": "date", "timestamp": 1795179600, "format": "{time}", "url": "https://c.test"},
    {"type": "color", "value": "#F405B3"},
]


def holding(kind: str, *elements: Json, **more: object) -> Json:
    return {"type": f"rich_text_{kind}", "elements": list(elements), **more}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def said(*elements: Json) -> Json:
    return rich(holding("section", *elements))


async def test_everything_that_slack_has_is_taken_and_read_as_mrkdwn_writes_it(here: Local) -> None:
    items = [holding("section", TEXT), holding("section", TEXT)]
    block = rich(
        holding("section", *INLINE),
        holding("list", *items, style="ordered", indent=8, offset=3, border=1),
        holding("quote", *INLINE[:1], border=0),
        holding("preformatted", *INLINE[:3]),
    )
    await here.client.chat_postMessage(channel=ADA, text="x", blocks=[block])
    shown = (await here.people.messages(ADA, BOT))[-1]
    links = "<https://a.test|b><https://b.test>"
    dates = "<!date^1795179600^{time}|at one><!date^1795179600^{time}^https://c.test|>"
    people = f"<@{ADA}><#C0GENERAL><!subteam^S1><!here>:wave:"
    line = f"a{links}{people}{dates}#F405B3"
    assert shown.words == f"{line}\na\na\na\na{links}"


BAD: list[tuple[Json, str]] = [
    (rich(), "/elements"),
    (rich({"type": "section"}), "/elements/0/type"),
    (rich(TEXT), "/elements/0/type"),
    (said(), "/elements/0/elements"),
    (said({"type": "text", "text": ""}), "/elements/0/elements/0/text"),
    (said({"type": "text"}), "/elements/0/elements/0"),
    (said({"type": "mrkdwn", "text": "x"}), "/elements/0/elements/0/type"),
    (said({**TEXT, "style": {"loud": True}}), "/elements/0/elements/0/style"),
    (said({**TEXT, "style": {"highlight": True}}), "/elements/0/elements/0/style"),
    (said({**TEXT, "style": {"bold": 1}}), "/elements/0/elements/0/style/bold"),
    (said({"type": "link", "text": "x"}), "/elements/0/elements/0"),
    (said({"type": "link", "url": "https://a.test", "text": ""}), "/elements/0/elements/0/text"),
    (said({"type": "user", "id": ADA}), "/elements/0/elements/0"),
    (said({"type": "broadcast", "range": "all"}), "/elements/0/elements/0/range"),
    (said({"type": "date", "timestamp": 1}), "/elements/0/elements/0"),
    (said({"type": "date", "timestamp": "1", "format": "x"}), "/elements/0/elements/0/timestamp"),
    (rich(holding("list", holding("section", TEXT))), "/elements/0"),
    (rich(holding("list", TEXT, style="bullet")), "/elements/0/elements/0/type"),
    (rich(holding("list", holding("section", TEXT), style="dash")), "/elements/0/style"),
    (
        rich(holding("list", holding("section", TEXT), style="bullet", indent=9)),
        "/elements/0/indent",
    ),
    (rich(holding("preformatted", INLINE[3])), "/elements/0/elements/0/type"),
    (rich(holding("quote", TEXT, border=2)), "/elements/0/border"),
]


@pytest.mark.parametrize(("block", "place"), BAD)
async def test_what_slack_does_not_have_is_refused_with_its_place(
    here: Local, block: Json, place: str
) -> None:
    await assert_refused_at(here, block, f"/blocks/0{place}")


async def test_what_an_input_begins_with_is_rich_text_too(here: Local) -> None:
    element = {"type": "rich_text_input", "action_id": "r", "initial_value": said()}
    view = modal(asking("why", element))
    refused = await refusal(here.client.views_open(trigger_id="1.2.x", view=view))
    assert refused["error"] == "invalid_arguments"
    (message,) = refused["response_metadata"]["messages"]
    assert "/view/blocks/0/element/initial_value/elements/0/elements]" in message

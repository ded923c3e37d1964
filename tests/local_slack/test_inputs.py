"""Every kind of input keeps its value in Slack's shape, and refuses what it can't take."""

import pytest

from tests.build import ADA
from tests.local_slack.support import Json, Local, asking, modal, plain

OPTIONS = [{"text": plain(name), "value": name} for name in ("a", "b")]
A, B = OPTIONS


def element(kind: str, **more: object) -> Json:
    return {"type": kind, "action_id": "x", **more}


async def entered(here: Local, given: Json, value: object) -> tuple[str, Json]:
    """Submit a modal with this one element; what became of it, and the element's state."""
    await here.people.command(user=ADA, channel="general", text="/open")
    trigger = (await here.people.calls("command"))[-1].arguments["trigger_id"]
    await here.client.views_open(trigger_id=trigger, view=modal(asking("block", given)))
    view = (await here.people.views(ADA))[-1]
    sent = await here.people.submit(user=ADA, view_id=view.id, values={"block": value})
    state: Json = (await here.people.views(ADA))[-1].state["values"]["block"]["x"]
    return sent.outcome, state


@pytest.mark.parametrize(
    ("given", "value", "state"),
    [
        (element("radio_buttons", options=OPTIONS), "b", {"selected_option": B}),
        (element("checkboxes", options=OPTIONS), ["a", "b"], {"selected_options": [A, B]}),
        (element("multi_static_select", options=OPTIONS), "a", {"selected_options": [A]}),
        (element("users_select"), ADA, {"selected_user": ADA}),
        (element("multi_users_select"), [ADA], {"selected_users": [ADA]}),
        (element("conversations_select"), "C0", {"selected_conversation": "C0"}),
        (element("datepicker"), "2026-11-20", {"selected_date": "2026-11-20"}),
        (element("timepicker"), "12:30", {"selected_time": "12:30"}),
        (element("datetimepicker"), 1795250358, {"selected_date_time": 1795250358}),
        (element("number_input", is_decimal_allowed=False), 7, {"value": "7"}),
        (element("email_text_input"), "a@acme.test", {"value": "a@acme.test"}),
    ],
)
async def test_a_value_is_kept_in_slacks_shape(
    here: Local, given: Json, value: object, state: Json
) -> None:
    outcome, kept = await entered(here, given, value)
    assert outcome == "failed", "it got as far as the bot, which is away"
    assert kept == {"type": given["type"], **state}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (element("number_input", is_decimal_allowed=False), "7.5"),
        (element("number_input", is_decimal_allowed=True, max_value="7"), "7.5"),
        (element("number_input", is_decimal_allowed=True, min_value="8"), "7.5"),
        (element("number_input", is_decimal_allowed=True), "many"),
        (element("email_text_input"), "nobody"),
        (element("url_text_input"), "acme"),
        (element("checkboxes", options=OPTIONS), []),
        (element("users_select"), None),
    ],
)
async def test_what_an_input_cannot_take_never_reaches_the_bot(
    here: Local, given: Json, value: object
) -> None:
    outcome, _ = await entered(here, given, value)
    assert outcome == "refused"
    assert not await here.people.calls("view_submission")


async def test_an_initial_value_is_there_from_the_start(here: Local) -> None:
    given = element("static_select", options=OPTIONS, initial_option=B)
    await here.people.command(user=ADA, channel="general", text="/open")
    trigger = (await here.people.calls("command"))[-1].arguments["trigger_id"]
    await here.client.views_open(trigger_id=trigger, view=modal(asking("block", given)))
    view = (await here.people.views(ADA))[-1]
    assert view.state["values"]["block"]["x"]["selected_option"] == B
    assert (await here.people.submit(user=ADA, view_id=view.id)).outcome == "failed"


async def test_who_asks_for_a_channel_gets_an_address_to_answer_in_it(here: Local) -> None:
    given = element("conversations_select", response_url_enabled=True)
    await entered(here, given, "C0GENERAL")
    heard = (await here.people.calls("view_submission"))[0].arguments["response_urls"][0]
    assert (heard["channel_id"], heard["block_id"]) == ("C0GENERAL", "block")
    assert heard["response_url"].startswith(here.slack.url)

"""Modals: opened by a trigger, filled in, submitted, closed."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.local_slack import RefusedError, SlackView
from bot.local_slack.control_responses import Submitted
from tests.build import ADA, VAL
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    app_for,
    asking,
    button,
    listening,
    local,
    modal,
    plain,
    refusal,
    section,
)

OPTIONS = [{"text": plain(name), "value": name} for name in ("waiver", "mitigated")]
LIMITED = {"type": "plain_text_input", "action_id": "why", "min_length": 5, "max_length": 10}
CHOICE = {"type": "static_select", "action_id": "kind", "options": OPTIONS}
FORM = modal(
    asking("why", LIMITED), asking("kind", CHOICE, optional=True), private_metadata="case-7"
)


async def trigger(here: Local) -> str:
    """A trigger id, got by typing a command to a bot that is away."""
    await here.people.command(user=ADA, channel="general", text="/open")
    arguments = (await here.people.calls("command"))[-1].arguments
    return str(arguments["trigger_id"])


async def opened(here: Local, view: Json = FORM) -> SlackView:
    await here.client.views_open(trigger_id=await trigger(here), view=view)
    return (await here.people.views(ADA))[-1]


async def submitted(
    here: Local, form: SlackView, values: Mapping[str, object], **answer: object
) -> tuple[Submitted, list[Json]]:
    """Submit to a bot that answers so; what came of it, and what the bot heard."""
    app, bodies = app_for(here), []

    @app.view("form")
    async def on_form(ack: Any, body: Json) -> None:  # noqa: ANN401
        bodies.append(body)
        await ack(**answer)

    async with listening(here, app):
        outcome = await here.people.submit(user=ADA, view_id=form.id, values=values)
    return outcome, bodies


async def test_a_trigger_opens_one_view(here: Local) -> None:
    once = await trigger(here)
    answer = await here.client.views_open(trigger_id=once, view=FORM)
    assert answer["view"]["private_metadata"] == "case-7"
    again = await refusal(here.client.views_open(trigger_id=once, view=FORM))
    bad = await refusal(here.client.views_open(trigger_id="12.34.ab", view=FORM))
    assert (again["error"], bad["error"]) == ("exchanged_trigger_id", "invalid_trigger_id")


async def test_a_trigger_does_not_last() -> None:
    async with local(trigger_seconds=1e-6) as here:
        late = await refusal(here.client.views_open(trigger_id=await trigger(here), view=FORM))
    assert late["error"] == "expired_trigger_id"


async def test_a_submission_carries_what_was_entered_and_closes_the_modal(here: Local) -> None:
    view = await opened(here)
    values: dict[str, object] = {"why": "because", "kind": {"kind": "waiver"}}
    outcome, bodies = await submitted(here, view, values)
    assert outcome.outcome == "closed"
    assert await here.people.views(ADA) == ()
    heard = bodies[0]["view"]
    assert heard["state"]["values"] == {
        "why": {"why": {"type": "plain_text_input", "value": "because"}},
        "kind": {"kind": {"type": "static_select", "selected_option": OPTIONS[0]}},
    }
    assert (heard["type"], heard["callback_id"], heard["id"]) == ("modal", "form", view.id)
    assert (heard["private_metadata"], bodies[0]["response_urls"]) == ("case-7", [])


@pytest.mark.parametrize(
    ("values", "block"),
    [
        ({}, "why"),
        ({"why": "abcd"}, "why"),
        ({"why": "abcdefghijk"}, "why"),
    ],
)
async def test_slack_itself_refuses_what_the_inputs_do_not_take(
    here: Local, values: dict[str, object], block: str
) -> None:
    view = await opened(here)
    outcome = await here.people.submit(user=ADA, view_id=view.id, values=values)
    assert (outcome.outcome, set(outcome.errors)) == ("refused", {block})
    assert not await here.people.calls("view_submission")


async def test_what_is_not_in_the_view_cannot_be_entered(here: Local) -> None:
    view = await opened(here)
    for values in ({"other": "x"}, {"kind": "neither"}):
        with pytest.raises(RefusedError):
            await here.people.submit(user=ADA, view_id=view.id, values=values)
    with pytest.raises(RefusedError, match="no view"):
        await here.people.submit(user=VAL, view_id=view.id, values={"why": "because"})


async def test_errors_of_the_bot_are_shown_at_their_blocks(here: Local) -> None:
    view = await opened(here)
    answer = {"response_action": "errors", "errors": {"why": "No."}}
    outcome, _ = await submitted(here, view, {"why": "because"}, **answer)
    assert (outcome.outcome, outcome.errors) == ("errors", {"why": "No."})
    assert len(await here.people.views(ADA)) == 1


async def test_errors_for_a_block_that_is_not_there_are_a_failure(here: Local) -> None:
    view = await opened(here)
    answer = {"response_action": "errors", "errors": {"none": "No."}}
    outcome, _ = await submitted(here, view, {"why": "because"}, **answer)
    assert outcome.outcome == "failed"


async def test_the_bot_may_update_push_or_clear(here: Local) -> None:
    view = await opened(here)
    values = {"why": "because"}
    again = {**FORM, "title": plain("Again")}
    outcome, _ = await submitted(here, view, values, response_action="update", view=again)
    assert outcome.outcome == "updated"
    kept = (await here.people.views(ADA))[-1]
    assert kept.state["values"]["why"]["why"]["value"] == "because"
    outcome, _ = await submitted(here, view, {}, response_action="push", view=FORM)
    assert (outcome.outcome, len(await here.people.views(ADA))) == ("pushed", 2)
    top = (await here.people.views(ADA))[-1]
    assert top.previous_view_id == view.id
    outcome, _ = await submitted(here, top, values, response_action="clear")
    assert (outcome.outcome, await here.people.views(ADA)) == ("cleared", ())


async def test_a_bad_view_in_the_answer_is_a_failure(here: Local) -> None:
    view = await opened(here)
    bad = {**FORM, "title": plain("x" * 25)}
    outcome, _ = await submitted(here, view, {"why": "because"}, response_action="update", view=bad)
    assert (outcome.outcome, outcome.reason["error"]) == ("failed", "invalid_arguments")


async def test_an_update_names_the_hash_it_knows(here: Local) -> None:
    view = await opened(here)
    updated = await here.client.views_update(view_id=view.id, hash=view.hash, view=FORM)
    assert updated["view"]["hash"] != view.hash
    late = await refusal(here.client.views_update(view_id=view.id, hash=view.hash, view=FORM))
    gone = await refusal(here.client.views_update(view_id="V0NONE", view=FORM))
    assert (late["error"], gone["error"]) == ("hash_conflict", "not_found")


async def test_an_external_id_is_the_bots_own_and_unique(here: Local) -> None:
    named = {**FORM, "external_id": "mine"}
    view = await opened(here, named)
    updated = await here.client.views_update(external_id="mine", view=named)
    assert updated["view"]["id"] == view.id
    home = {"type": "home", "external_id": "mine", "blocks": [section()]}
    twice = await refusal(here.client.views_publish(user_id=ADA, view=home))
    assert twice["error"] == "duplicate_external_id"


async def test_three_modals_lie_on_top_of_each_other_at_most(here: Local) -> None:
    await opened(here)
    for _ in range(2):
        await here.client.views_push(trigger_id=await trigger(here), view=FORM)
    fourth = await refusal(here.client.views_push(trigger_id=await trigger(here), view=FORM))
    assert fourth["error"] == "push_limit_reached"


async def test_closing_is_told_to_who_wants_to_know(here: Local) -> None:
    view = await opened(here, {**FORM, "notify_on_close": True})
    app, bodies = app_for(here), []

    @app.view_closed("form")
    async def on_close(ack: Any, body: Json) -> None:  # noqa: ANN401
        bodies.append(body)
        await ack()

    async with listening(here, app):
        closed = await here.people.close(user=ADA, view_id=view.id)
    assert (closed.closed, bodies[0]["type"]) == ((view.id,), "view_closed")
    assert bodies[0]["is_cleared"] is False
    quiet = await opened(here)
    assert (await here.people.close(user=ADA, view_id=quiet.id)).answer is None


async def test_a_button_in_a_modal_names_the_view_and_its_state(here: Local) -> None:
    view = await opened(here, modal(actions(button("more")), asking("why", optional=True)))
    app, bodies = app_for(here), []

    @app.action("more")
    async def on_more(ack: Any, body: Json) -> None:  # noqa: ANN401
        bodies.append(body)
        await ack()

    async with listening(here, app):
        await here.people.click(user=ADA, view_id=view.id, action_id="more")
    assert bodies[0]["container"] == {"type": "view", "view_id": view.id}
    assert "why" in bodies[0]["view"]["state"]["values"]


async def test_home_tabs_are_published_and_opened(here: Local) -> None:
    app = app_for(here)

    @app.event("app_home_opened")
    async def on_home(event: Json, client: Any) -> None:  # noqa: ANN401
        view = {"type": "home", "blocks": [section(f"For {event['user']}")]}
        await client.views_publish(user_id=event["user"], view=view)

    async with listening(here, app):
        assert await here.people.home(ADA) is None
        await here.people.open_home(user=ADA)
        home = await here.people.wait_for_home(user=ADA)
    assert home.words.endswith("For U0ADA")
    late = await refusal(
        here.client.views_publish(
            user_id=ADA, hash="0.0", view={"type": "home", "blocks": [section()]}
        )
    )
    assert late["error"] == "hash_conflict"

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.domain.war_room import Outcome, State
from bot.integrations.slack.show.blocks import actions, option, words
from bot.integrations.slack.show.modals import Reference, reference
from bot.local_slack import SlackMessage
from tests.approving import approve
from tests.build import ADA, EVE, JUDE, JUSTIFICATION, VAL, VIV, ada, jude, val, viv
from tests.choosing import choices, choose, is_settled, withdraw
from tests.slack.conftest import World, channel_of


async def only_for(world: World, user: str, channel: str) -> SlackMessage:
    """The newest answer that only this person sees."""
    return await world.people.wait_for_message(
        user=user, channel=channel, holds=lambda message: message.ephemeral
    )


async def test_an_acknowledgement_is_acked_when_it_is_stored(world: World) -> None:
    room = await world.open_room()
    clicked = await world.people.click(user=VAL, channel=room.channel, action_id="ack")
    assert clicked.answer
    assert clicked.answer.acked
    assert val.name in (await world.room(room.id)).acknowledged


async def test_an_acknowledgement_by_direct_message_is_confirmed(world: World) -> None:
    room = await world.open_room()
    channel = room.pages[val.name].channel
    await world.people.click(user=VAL, channel=channel, action_id="ack")
    assert "Acknowledged" in (await only_for(world, VAL, channel)).text


async def test_approval_decides_and_the_card_loses_its_buttons(world: World) -> None:
    room = await world.open_room()
    card_ts = room.card.ts if room.card else ""
    await approve(world.people, user=VAL, channel=room.channel)
    decided = await world.room(room.id)
    assert decided.decision
    assert decided.decision.outcome is Outcome.APPROVED
    card = await world.people.wait_for_message(
        user=VAL,
        channel=channel_of(room),
        holds=lambda message: message.ts == card_ts and is_settled(message),
    )
    assert "Approved" in card.words


async def test_an_outsider_is_refused_and_only_they_see_it(world: World) -> None:
    room = await world.open_room()
    await world.people.invite(user=VAL, channel=channel_of(room), users=[EVE])
    clicked = await world.people.click(user=EVE, channel=room.channel, action_id="approve")
    assert clicked.answer
    assert clicked.answer.acked
    answer = await only_for(world, EVE, channel_of(room))
    assert answer.only_for == EVE
    assert "Only the validator or the adjudicator" in answer.text
    assert (await world.room(room.id)).state is State.OPEN


async def test_an_initiator_cannot_approve_their_own_violation(world: World) -> None:
    room = await world.open_room()
    await world.people.click(user=ADA, channel=room.channel, action_id="approve")
    assert "You made this change" in (await only_for(world, ADA, channel_of(room))).text


async def test_a_second_delivery_changes_nothing(world: World) -> None:
    room = await world.open_room()
    await world.people.fault("deliver_twice", "view_submission")
    sent = await withdraw(world.people, user=ADA, channel=room.channel)
    assert sent.outcome == "closed"
    record = world.engine.store.record(room.id)
    assert [each.event.kind for each in record].count("decided") == 1


async def test_a_refused_modal_is_not_opened(world: World) -> None:
    room = await world.open_room()
    await world.people.click(user=VAL, channel=room.channel, action_id="override")
    assert "Only the adjudicator" in (await only_for(world, VAL, channel_of(room))).text
    assert await world.people.views(VAL) == ()


async def test_only_who_is_on_duty_gets_the_form_to_hand_off(world: World) -> None:
    room = await world.open_room()
    await choose(world.people, user=VIV, channel=room.channel, verb="handoff")
    assert "only your own role" in (await only_for(world, VIV, channel_of(room))).text


async def test_an_override_from_click_to_decision(world: World) -> None:
    room = await world.open_room()
    await world.people.click(user=JUDE, channel=room.channel, action_id="override")
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    sent = await world.people.submit(
        user=JUDE,
        view_id=modal.id,
        values={"justification": JUSTIFICATION, "category": "mitigated", "validity": "7d"},
    )
    assert sent.outcome == "closed"
    decision = (await world.room(room.id)).decision
    assert decision
    assert (decision.outcome, decision.by) == (Outcome.OVERRIDDEN, jude.name)
    assert decision.reason == JUSTIFICATION


async def test_words_that_are_no_words_are_an_error_beside_the_input(world: World) -> None:
    room = await world.open_room()
    await world.people.click(user=JUDE, channel=room.channel, action_id="override")
    modal = await world.people.wait_for_modal(user=JUDE)
    values = {"justification": "  a   " * 9, "category": "waiver", "validity": "7d"}
    sent = await world.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert sent.outcome == "errors"
    assert "needs at least 40" in sent.errors["justification"]
    assert (await world.room(room.id)).state is State.OPEN


async def test_a_modal_gives_way_to_the_decision_that_came_first(world: World) -> None:
    room = await world.open_room()
    await choose(world.people, user=JUDE, channel=room.channel, verb="reject")
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    await approve(world.people, user=VAL, channel=room.channel)
    sent = await world.people.submit(user=JUDE, view_id=modal.id, values={"reason": "No."})
    assert sent.outcome == "updated"
    notice = await world.people.wait_for_modal(user=JUDE, callback_id="notice")
    assert "was approved by <@U0VAL>" in notice.words


async def test_a_question_and_its_answer(world: World) -> None:
    room = await world.open_room()
    people = world.people
    await choose(people, user=VAL, channel=room.channel, verb="request_info")
    modal = await people.wait_for_modal(user=VAL, callback_id="request_info_modal")
    await people.submit(user=VAL, view_id=modal.id, values={"question": "Which data set?"})
    direct = room.pages[ada.name].channel
    await people.wait_for_message(
        user=ADA, channel=direct, holds=lambda m: "Which data set?" in m.words
    )
    await people.click(user=ADA, channel=direct, action_id="explain")
    modal = await people.wait_for_modal(user=ADA, callback_id="explain_modal")
    sent = await people.submit(user=ADA, view_id=modal.id, values={"text": "customers_eu"})
    assert sent.outcome == "closed"
    assert (await world.room(room.id)).answer == "customers_eu"


async def test_a_role_is_handed_off(world: World) -> None:
    room = await world.open_room()
    await choose(world.people, user=VAL, channel=room.channel, verb="handoff")
    modal = await world.people.wait_for_modal(user=VAL, callback_id="handoff_modal")
    await world.people.submit(user=VAL, view_id=modal.id, values={"to": f"validator:{VIV}"})
    assert viv.name in (await world.room(room.id)).on_duty


async def test_an_extension_asks_for_a_reason_and_moves_the_deadline(world: World) -> None:
    room = await world.open_room()
    await choose(world.people, user=VAL, channel=room.channel, verb="extend")
    modal = await world.people.wait_for_modal(user=VAL, callback_id="extend_modal")
    values = {"by": "1h", "reason": "The DPO is away."}
    await world.people.submit(user=VAL, view_id=modal.id, values=values)
    assert (await world.room(room.id)).expires_at > room.expires_at


async def test_home_lists_what_waits_and_its_buttons_refresh_it(world: World) -> None:
    room = await world.open_room()
    await world.people.open_home(user=VAL)
    tab = await world.people.wait_for_home(
        user=VAL, holds=lambda view: "approve" in view.action_ids
    )
    await approve(world.people, user=VAL, view_id=tab.id)
    tab = await world.people.wait_for_home(user=VAL, holds=lambda view: "All settled" in view.words)
    assert (await world.room(room.id)).decision


async def test_home_answers_a_refusal_in_a_modal(world: World) -> None:
    room = await world.open_room()
    await world.people.open_home(user=VAL)
    tab = await world.people.wait_for_home(
        user=VAL, holds=lambda view: "approve" in view.action_ids
    )
    await approve(world.people, user=JUDE, channel=room.channel)
    await world.people.click(user=VAL, view_id=tab.id, action_id="approve")
    notice = await world.people.wait_for_modal(user=VAL, callback_id="notice")
    assert "was approved by <@U0JUDE>" in notice.words


async def test_a_button_of_a_room_that_never_was_is_refused_politely(world: World) -> None:
    body: dict[str, object] = {
        "type": "block_actions",
        "api_app_id": "A0LOCAL",
        "team": {"id": "T0ACME"},
        "user": {"id": VAL},
        "actions": [{"action_id": "approve", "value": "<!here>", "block_id": "b"}],
    }
    assert await _dispatch(world, body) == 200


async def test_a_choice_in_the_menu_acts_like_a_button_of_its_own(world: World) -> None:
    """The same room, the same rights, the same count of what was shown; acked, too."""
    room = await world.open_room()
    clicked = await choose(world.people, user=JUDE, channel=room.channel, verb="reject")
    assert clicked.answer
    assert clicked.answer.acked
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    assert reference(modal.private_metadata) == Reference(room.id, shown_count=1)
    await choose(world.people, user=VAL, channel=room.channel, verb="reject")
    assert "Only the adjudicator" in (await only_for(world, VAL, channel_of(room))).text
    assert await world.people.views(VAL) == ()
    await world.people.submit(user=JUDE, view_id=modal.id, values={"reason": "No."})
    decision = (await world.room(room.id)).decision
    assert decision
    assert (decision.outcome, decision.by) == (Outcome.REJECTED, jude.name)


async def test_a_choice_in_the_menu_at_home_refreshes_it(world: World) -> None:
    room = await world.open_room()
    await world.people.open_home(user=JUDE)
    tab = await world.people.wait_for_home(user=JUDE, holds=lambda view: "reject" in choices(view))
    await choose(world.people, user=JUDE, view_id=tab.id, verb="reject")
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    assert reference(modal.private_metadata).at_home
    await world.people.submit(user=JUDE, view_id=modal.id, values={"reason": "No."})
    await world.people.wait_for_home(user=JUDE, holds=lambda view: "All settled" in view.words)
    assert (await world.room(room.id)).decision


@pytest.mark.parametrize("value", ["abolish:{room}", "more:{room}", ":{room}", "abolish"])
async def test_a_choice_that_nothing_knows_says_so_and_does_nothing(
    world: World, value: str
) -> None:
    """Such as one that a newer version offered."""
    room = await world.open_room()
    written = len(world.engine.store.record(room.id))
    choice = option("Abolish the policy", value.format(room=room.id))
    menu = {"type": "static_select", "action_id": "more", "options": [choice]}
    slack = AsyncWebClient(world.slack.config.bot_token, base_url=world.slack.api_url)
    blocks = actions([{**menu, "placeholder": words("More…")}])
    await slack.chat_postMessage(channel=channel_of(room), text="More", blocks=blocks)
    clicked = await world.people.click(
        user=JUDE, channel=room.channel, action_id="more", value=choice["value"]
    )
    assert clicked.answer
    assert clicked.answer.acked
    told = await only_for(world, JUDE, channel_of(room))
    assert told.text == "That isn't offered any more. Nothing was done."
    assert await world.people.views(JUDE) == ()
    assert len(world.engine.store.record(room.id)) == written


async def test_a_form_that_slack_does_not_open_is_said(world: World) -> None:
    room = await world.open_room()
    await world.people.fault("error", "views.open", error="expired_trigger_id")
    clicked = await choose(world.people, user=JUDE, channel=room.channel, verb="reject")
    assert clicked.answer
    assert clicked.answer.acked
    answer = await only_for(world, JUDE, channel_of(room))
    assert "Slack didn't open the form (expired_trigger_id)" in answer.text


async def test_a_click_is_taken_while_slacks_own_methods_fail(world: World) -> None:
    room = await world.open_room()
    await world.people.fault("http", "*", status=500, times=1000)
    clicked = await world.people.click(user=VAL, channel=room.channel, action_id="ack")
    assert clicked.answer
    assert clicked.answer.acked
    assert val.name in (await world.room(room.id)).acknowledged


async def test_a_click_that_cannot_be_stored_is_not_acked(world: World) -> None:
    room = await world.open_room()
    database = world.engine.store.database
    with database.write.connect() as holder:
        holder.exec_driver_sql("ALTER TABLE rooms RENAME TO away")
        holder.commit()
    clicked = await world.people.click(user=VAL, channel=room.channel, action_id="approve")
    assert clicked.answer
    assert not clicked.answer.acked
    assert "Nothing was recorded" in (await only_for(world, VAL, channel_of(room))).text
    with database.write.connect() as holder:
        holder.exec_driver_sql("ALTER TABLE away RENAME TO rooms")
        holder.commit()


@pytest.mark.usefixtures("fresh_loggers")
async def test_the_log_names_who_was_refused_or_is_not_known_as_the_rooms_do(world: World) -> None:
    room = await world.open_room()
    with capture_logs() as lines:
        for action in (
            {"action_id": "more", "selected_option": {"value": f"abolish:{room.id}"}},
            {"action_id": "details", "value": "unknown"},
        ):
            body: dict[str, object] = {
                "type": "block_actions",
                "api_app_id": "A0LOCAL",
                "team": {"id": "T0ACME"},
                "user": {"id": VAL},
                "actions": [{"block_id": "b", **action}],
            }
            assert await _dispatch(world, body) == 200
        await world.people.fault("error", "users.info", error="fatal_error", times=100)
        await world.people.command(
            user=VAL,
            channel=channel_of(room),
            text=f"/warroom extend {room.id} until 23:00 because of it",
        )
        await choose(world.people, user=VAL, channel=room.channel, verb="handoff")
        modal = await world.people.wait_for_modal(user=VAL, callback_id="handoff_modal")
        await world.people.submit(user=VAL, view_id=modal.id, values={"to": f"validator:{VIV}"})
    named = [(line["event"], line["user"]) for line in lines if "user" in line]
    refused = ("action.unknown", "details.refused", "account.not_known", "command.refused")
    assert named == [(event, "val") for event in (*refused, "submission.done")]


async def _dispatch(world: World, body: dict[str, object]) -> int:
    request = AsyncBoltRequest(body=body, mode="socket_mode")
    return (await world.app.async_dispatch(request)).status

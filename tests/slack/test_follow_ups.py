"""Follow-ups in Slack: asked for by direct message, answered there, at Home and in `mine`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.follow_up import (
    CloseFollowUp,
    FollowUp,
    FollowUpClosed,
    FollowUpKind,
    SampleAnswer,
)
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.person import Person
from bot.domain.policy import Roster
from bot.engine import follow_ups
from bot.engine.clock import Clock
from bot.integrations.slack.hear.follow_ups import RECORDED
from bot.local_slack import (
    LocalSlack,
    LocalSlackConfig,
    SlackMessage,
    SlackState,
    SlackView,
    Usergroup,
)
from bot.storage.transaction import Stream
from tests.build import ADA, EVE, JUDE, POLICY, VAL, VIV, acting, jude, val, viv
from tests.domain.test_follow_up import order
from tests.owing import owe, owe_sample, stored
from tests.slack.conftest import GENERAL, MEMBERS, World, said
from tests.slack.test_answers import INSTALLED

FACTS = {"destination": "warehouse", "rows": {"value": 90, "limit": 100}}
BUTTONS = ("follow_up_yes", "follow_up_no")
RENEWAL = ("exception_renew", "exception_revoke", "follow_up_done")


async def message_to(
    world: World, user: str, holds: Callable[[SlackMessage], object]
) -> SlackMessage:
    """The first direct message to somebody of which something holds, once it is there."""

    def found(state: SlackState) -> SlackMessage | None:
        direct = state.direct(user)
        return next(filter(holds, direct.messages), None) if direct else None

    message = found(await world.people.wait_for(found))
    assert message
    return message


async def asked(world: World, user: str = VAL, buttons: tuple[str, ...] = BUTTONS) -> SlackMessage:
    """The direct message that asks somebody."""
    return await message_to(world, user, lambda message: message.action_ids == buttons)


async def settled(world: World, asking: SlackMessage, user: str = VAL) -> SlackMessage:
    """The same message once it offers nothing any more."""
    return await message_to(
        world, user, lambda message: message.ts == asking.ts and not message.action_ids
    )


async def click(world: World, user: str, shown: SlackMessage, action_id: str) -> None:
    await world.people.click(user=user, channel=shown.channel, ts=shown.ts, action_id=action_id)


async def no_modal(world: World, shown: SlackMessage) -> SlackView:
    """The modal that asks val why not."""
    await click(world, VAL, shown, "follow_up_no")
    return await world.people.wait_for_modal(user=VAL, callback_id="follow_up_no_modal")


async def renewal(world: World, **fields: object) -> FollowUp:
    room = await world.open_room()
    given = {"owner": jude, "others": (), "room_id": room.id, "exception_id": room.id, **fields}
    return await owe(world.engine, order(FollowUpKind.RENEWAL, violation_id=None, **given))


async def close(world: World, follow_up_id: str, who: Person) -> None:
    command = CloseFollowUp(answer=SampleAnswer.YES)
    stream = Stream(FOLLOW_UP.kind, follow_up_id)
    await world.engine.write(
        lambda transaction: world.engine.streams.apply_to(
            transaction, stream, command, acting(who.name)
        )
    )


async def test_the_owner_is_asked_with_what_it_is_about_and_answers_yes_there(
    world: World,
) -> None:
    await world.open_room()
    sample = await owe_sample(world.engine, facts=FACTS)
    message = await asked(world)
    for words in (
        "Would you have cleared this?",
        "ranker fine-tuned on customers_eu",
        POLICY.title,
        "internal-copies",
        "destination: warehouse",
        "rows 90",
        sample.id,
        "The war room:",
    ):
        assert words in message.words
    await click(world, VAL, message, "follow_up_yes")
    closure = stored(world.engine, sample.id).closure
    assert closure
    assert (closure.by, closure.answer) == (val.name, SampleAnswer.YES)
    done = await settled(world, message)
    assert f"Yes, it would have been cleared, says <@{VAL}>" in done.words.replace("*", "")


async def test_a_no_needs_its_reason_which_stands_in_the_message_then(world: World) -> None:
    sample = await owe_sample(world.engine)
    message = await asked(world)
    modal = await no_modal(world, message)
    answer = await world.people.submit(user=VAL, view_id=modal.id, values={"reason": "…"})
    assert "reason" in answer.errors
    assert stored(world.engine, sample.id).closure is None
    reason = "Nobody had looked at the <!channel> data."
    await world.people.submit(user=VAL, view_id=modal.id, values={"reason": reason})
    closure = stored(world.engine, sample.id).closure
    assert closure
    assert (closure.answer, closure.reason) == (SampleAnswer.NO, reason)
    assert reason in (await settled(world, message)).words


async def test_a_renewal_is_done_with_a_link_or_a_reason(world: World) -> None:
    owed = await renewal(world)
    message = await asked(world, JUDE, RENEWAL)
    assert "Is this exception still needed?" in message.words
    assert "The war room:" in message.words
    await click(world, JUDE, message, "follow_up_done")
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="follow_up_done_modal")
    nothing = await world.people.submit(user=JUDE, view_id=modal.id, values={})
    assert nothing.errors == {"reason": "Found neither a link nor a reason: need one."}
    wrong = await world.people.submit(user=JUDE, view_id=modal.id, values={"link": "see there"})
    assert "link" in wrong.errors
    link = "https://tickets.test/4711"
    await world.people.submit(user=JUDE, view_id=modal.id, values={"link": link})
    closure = stored(world.engine, owed.id).closure
    assert closure
    assert (closure.by, closure.link) == (jude.name, link)
    assert link in (await settled(world, message, JUDE)).words


async def test_nobody_answers_by_a_click_that_nobody_offered_them(world: World) -> None:
    sample = await owe_sample(world.engine)
    message = await asked(world)
    for user in (ADA, EVE, JUDE):
        for action_id in ("follow_up_yes", "follow_up_no", "follow_up_done"):
            for value in (sample.id, "", "nothing"):
                assert await _dispatch(world, _pressed(user, action_id, value)) == 200
    for metadata in ("", "[]", "{}", f'{{"room": "{sample.id}"}}'):
        assert await _dispatch(world, _sent_in(ADA, metadata)) == 200
    assert stored(world.engine, sample.id).version == 2
    assert (await asked(world)).ts == message.ts


async def test_whoever_comes_second_is_told_who_was_first(world: World) -> None:
    """By a click on what was not brought up to date yet, and in the modal that was open."""
    sample = await owe_sample(world.engine)
    message = await asked(world)
    modal = await no_modal(world, message)
    await world.people.fault("error", "chat.update", error="ratelimited", times=99)
    await close(world, sample.id, viv)
    sent = {"reason": "Nobody had looked at it."}
    late = await world.people.submit(user=VAL, view_id=modal.id, values=sent)
    assert late.outcome == "updated"
    (told,) = await world.people.views(VAL)
    assert f"was closed by <@{VIV}>" in told.words
    await click(world, VAL, message, "follow_up_yes")
    answer = await message_to(world, VAL, lambda each: "was closed by" in each.words)
    assert answer.only_for == VAL
    assert (stored(world.engine, sample.id).closure or sample).model_dump()["by"] == viv.name


async def test_a_modal_that_is_sent_in_twice_answers_once(world: World) -> None:
    sample = await owe_sample(world.engine)
    modal = await no_modal(world, await asked(world))
    await world.people.fault("deliver_twice", "view_submission")
    sent = {"reason": "Nobody had looked at it."}
    await world.people.submit(user=VAL, view_id=modal.id, values=sent)
    record = world.engine.store.stream(FOLLOW_UP, sample.id)
    assert [type(each.event) for each in record].count(FollowUpClosed) == 1
    assert await world.people.views(VAL) == ()


async def test_the_owner_is_reminded_in_the_thread_and_told_the_end_there(world: World) -> None:
    """Not once it is closed."""
    first, second = [await owe_sample(world.engine, dedup_key=key) for key in ("1", "2")]
    message = await message_to(world, VAL, lambda each: first.id in each.words)
    other = await message_to(world, VAL, lambda each: second.id in each.words)
    await close(world, second.id, val)
    await settled(world, other)
    clock = Clock(world.engine)
    for days, words in ((6, "This is owed until"), (1, "This was owed until")):
        world.clock.move(timedelta(days=days))
        await clock.sweep()

        def told(each: SlackMessage, words: str = words) -> bool:
            return each.thread_ts == message.ts and words in each.words

        assert not (await message_to(world, VAL, told)).action_ids
    direct = (await world.people.state()).direct(VAL)
    assert direct
    assert sum("owed until" in each.words for each in direct.messages) == 2


async def test_home_and_mine_list_what_somebody_owes_with_the_buttons(world: World) -> None:
    await renewal(world)
    sample = await owe_sample(world.engine, dedup_key="another")
    await world.people.open_home(user=VAL)
    home = await world.people.wait_for_home(user=VAL)
    assert "1 follow-up to do" in home.words
    assert "Would you have cleared this?" in home.words
    assert home.action_ids[-2:] == BUTTONS
    assert "Is this exception still needed?" in await said(world, JUDE, "mine")
    assert "follow-up" not in await said(world, VIV, "mine")
    assert "1 follow-up to do" in await said(world, VAL, "mine")
    await world.people.click(user=VAL, view_id=home.id, action_id="follow_up_yes")
    assert stored(world.engine, sample.id).closure
    await world.people.wait_for_home(user=VAL, holds=lambda view: "follow-up" not in view.words)
    assert "follow-up" not in await said(world, VAL, "mine")


async def test_an_answer_given_in_a_list_is_confirmed(world: World) -> None:
    sample = await owe_sample(world.engine)
    await asked(world)
    listed = await world.people.command(user=VAL, channel=GENERAL, text="/warroom mine")
    await world.people.click(user=VAL, channel=GENERAL, ts=listed.ts, action_id="follow_up_yes")
    assert stored(world.engine, sample.id).closure
    await world.people.wait_for_message(
        user=VAL, channel=GENERAL, holds=lambda each: RECORDED in each.words
    )


async def test_debt_counts_it_for_all_and_names_it_to_those_who_have_a_part_in_it(
    world: World,
) -> None:
    sample = await owe_sample(world.engine)
    await owe(world.engine, order(id="renewal001", kind=FollowUpKind.RENEWAL, owner=jude))
    world.clock.move(timedelta(hours=1))
    for user in (EVE, VAL):
        assert "1 open room, 0 active exceptions, 2 follow-ups" in await said(world, user, "debt")
    assert sample.title in await said(world, VAL, "debt")
    assert "ranker" not in await said(world, EVE, "debt")
    assert f"follow-up {sample.id}" in await said(world, EVE, "debt")


async def test_what_was_settled_elsewhere_asks_for_nothing_any_more(world: World) -> None:
    owed = await renewal(world)
    message = await asked(world, JUDE, RENEWAL)
    await world.engine.write(
        lambda transaction: follow_ups.settle(
            transaction, world.engine.streams, owed.about, "The exception was renewed."
        )
    )
    shown = await settled(world, message, JUDE)
    assert "Settled, so that nobody has to do anything" in shown.words
    assert "The exception was renewed." in shown.words


async def test_whom_slack_cant_reach_makes_way_for_the_next(world: World) -> None:
    await world.people.fault("error", "chat.postMessage", error="user_disabled", times=1)
    owed = await owe(world.engine, order(policy_id=POLICY.id))
    await asked(world, VIV)
    assert (stored(world.engine, owed.id).owner, VAL) == (viv.name, val.slack)


async def test_an_answer_of_slacks_that_was_lost_makes_no_second_message(world: World) -> None:
    await world.people.fault("reset", "chat.postMessage", times=1, after=True)
    owed = await owe(world.engine, order(policy_id=POLICY.id))
    await asked(world)
    async with asyncio.timeout(10):
        while not stored(world.engine, owed.id).asked:
            world.clock.move(timedelta(seconds=1))
            world.engine.wakeups.outbox.set()
            await world.engine.wakeups.room_changed(owed.id, 0.1)
    direct = (await world.people.state()).direct(VAL)
    assert direct
    assert len(direct.messages) == 1


class TestUserGroup:
    """A sample of a policy whose validators are a Slack user group."""

    @pytest.fixture
    async def slack(self) -> AsyncIterator[LocalSlack]:
        group = Usergroup(id="S0PRIVACY", handle="privacy", users=(ADA, VIV, VAL))
        config = LocalSlackConfig(people=tuple(MEMBERS), rate_limits=False, usergroups=(group,))
        async with LocalSlack(config) as slack:
            yield slack

    async def test_its_first_member_who_made_no_part_of_the_change_is_asked(
        self, world: World
    ) -> None:
        roster = Roster(label="privacy", member_group="S0PRIVACY")
        sample = await owe_sample(world.engine, policy=POLICY.but(validator=roster))
        message = await asked(world, VIV)
        assert sample.id in message.words
        assert stored(world.engine, sample.id).holders == (viv.name, val.name)


def _pressed(user: str, action_id: str, value: str) -> dict[str, object]:
    action = {"action_id": action_id, "block_id": "b", "value": value, "type": "button"}
    body = {"type": "block_actions", "user": {"id": user}, "trigger_id": "1.2.3"}
    return {**body, "actions": [action], **INSTALLED}


def _sent_in(user: str, metadata: str) -> dict[str, object]:
    view: dict[str, object] = {
        "type": "modal",
        "id": "V1",
        "callback_id": "follow_up_no_modal",
        "blocks": [],
    }
    values = {"reason": {"reason": {"type": "plain_text_input", "value": "It is my own."}}}
    view |= {"blocks": [], "private_metadata": metadata, "state": {"values": values}}
    return {"type": "view_submission", "user": {"id": user}, "view": view, **INSTALLED}


async def _dispatch(world: World, body: dict[str, object]) -> int:
    request = AsyncBoltRequest(body=body, mode="socket_mode")
    return (await world.app.async_dispatch(request)).status

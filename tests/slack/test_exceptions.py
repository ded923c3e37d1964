"""Exceptions in Slack: what a decision is asked to hold for, and its renewal and revocation."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain import commands as c
from bot.domain.events import ExceptionEnding
from bot.domain.follow_up import FollowUp, FollowUpKind
from bot.domain.policy import OfferedScope, ScopeKind
from bot.domain.war_room import Category, WarRoom
from bot.engine.clock import Clock
from bot.local_slack import SlackMessage, SlackState, SlackView
from bot.policies.load import Config
from bot.storage.exceptions import exception as stored_exception
from bot.storage.follow_ups import open_follow_ups
from tests.build import (
    ADA,
    EVE,
    JUDE,
    JUSTIFICATION,
    POLICY,
    VAL,
    WITHIN_POLICY,
    acting,
    report,
)
from tests.slack.conftest import CONFIG, World, channel_of, said
from tests.slack.test_follow_ups import message_to

DAY = timedelta(days=1)
SCOPES = tuple(
    OfferedScope(kind=kind)
    for kind in (ScopeKind.ENVIRONMENT, ScopeKind.COMMIT, ScopeKind.RUN, ScopeKind.VERSION)
)
BUTTONS = ("exception_renew", "exception_revoke")
FOUND: dict[str, Any] = {
    "subject": {"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:7"},
    "origin": {
        "repository": "acme/ranker",
        "commit": "c1",
        "environment": "customer-eu",
        "run_url": "https://ci.test/1",
    },
}


@pytest.fixture
def config() -> Config:
    policies = {POLICY.id: POLICY.but(scopes=SCOPES)}
    return Config(policies=policies, people=CONFIG.people)


async def opened(world: World, number: int = 1, **fields: object) -> WarRoom:
    receipt = await world.engine.report(
        report(**{**FOUND, **fields}), "violations", f"delivery{number}"
    )
    return await world.until(
        receipt.room.id, lambda room: room.card and room.let_in and len(room.pages) == 3
    )


async def form(world: World, room: WarRoom, user: str, verb: str) -> SlackView:
    await world.people.click(user=user, channel=channel_of(room), action_id=verb)
    return await world.people.wait_for_modal(user=user, callback_id=f"{verb}_modal")


def scopes(view: SlackView) -> list[tuple[str, str]]:
    for block in view.blocks:
        if block.get("block_id") == "scope":
            assert block["element"]["initial_option"] == block["element"]["options"][0]
            options = block["element"]["options"]
            return [(option["value"], option["text"]["text"]) for option in options]
    return []


async def allowed(world: World, scope: str = "commit") -> WarRoom:
    """A room that was approved by val, by the modal."""
    room = await opened(world)
    modal = await form(world, room, VAL, "approve")
    values = {"reason": WITHIN_POLICY, "scope": scope}
    await world.people.submit(user=VAL, view_id=modal.id, values=values)
    return await world.until(room.id, lambda room: room.decision)


async def card(world: World, room: WarRoom, *holds: str) -> SlackMessage:
    """The card, once it says all this."""

    def found(state: SlackState) -> SlackMessage | None:
        channel = state.channel(channel_of(room))
        messages = channel.messages if channel else ()
        return next(
            (m for m in messages if m.pinned and all(word in m.words for word in holds)), None
        )

    message = found(await world.people.wait_for(found))
    assert message
    return message


async def test_the_form_of_an_approval_offers_the_scopes_and_says_what_each_also_allows(
    world: World,
) -> None:
    room = await opened(world)
    modal = await form(world, room, VAL, "approve")
    assert scopes(modal) == [
        ("run", "this run"),
        ("commit", "this commit"),
        ("version", "this subject version"),
        ("environment", "this subject in this environment"),
    ]
    for words in (
        "this commit also allows: every violation by model ranker 7 (sha256:7) at commit c1 of",
        "any commit, repository or run",
        "this subject in this environment also allows",
        "in customer-eu",
        "27 Nov 2026 09:00 UTC",
    ):
        assert words in modal.words.replace("*", ""), words
    sent = {"reason": WITHIN_POLICY, "scope": "environment"}
    await world.people.submit(user=VAL, view_id=modal.id, values=sent)
    decided = await world.until(room.id, lambda room: room.decision)
    assert decided.decision
    assert decided.decision.scope == OfferedScope(kind=ScopeKind.ENVIRONMENT)
    told = "Also allows, for this subject in this environment, until"
    shown = await card(world, room, "Holds for: this subject in this environment")
    assert told in shown.words.replace("*", "")


async def test_the_form_of_an_override_says_that_its_scope_ends_with_the_validity(
    world: World,
) -> None:
    room = await opened(world)
    modal = await form(world, room, JUDE, "override")
    assert "until the end of the validity you choose" in modal.words
    values = {
        "justification": JUSTIFICATION,
        "category": "waiver",
        "validity": "7d",
        "scope": "version",
    }
    await world.people.submit(user=JUDE, view_id=modal.id, values=values)
    decided = await world.until(room.id, lambda room: room.decision)
    assert decided.decision
    assert decided.decision.scope == OfferedScope(kind=ScopeKind.VERSION)


async def test_an_override_may_have_a_review_before_its_end_which_the_card_tells(
    world: World,
) -> None:
    room = await opened(world)
    modal = await form(world, room, JUDE, "override")
    values = {
        "justification": JUSTIFICATION,
        "category": "waiver",
        "validity": "7d",
        "review": "2026-11-27",
    }
    for wrong in ("2026-11-20", "2026-11-28"):
        sent = {**values, "review": wrong}
        answer = await world.people.submit(user=JUDE, view_id=modal.id, values=sent)
        assert "before the end, 27 Nov 2026 09:00 UTC" in answer.errors["review"]
    await world.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert "Review due" in (await card(world, room, "Also allows")).words
    exception = world.engine.store.ask(lambda asked: stored_exception(asked, room.id))
    assert exception
    assert exception.review_at == world.clock().replace(day=27, hour=0)


async def test_where_there_is_no_choice_the_form_says_what_is_allowed_all_the_same(
    world: World,
) -> None:
    one = await opened(world, 1, subject={}, origin={"commit": "c1"}, dedup_key="one")
    modal = await form(world, one, VAL, "approve")
    assert scopes(modal) == []
    assert "this commit also allows" in modal.words.replace("*", "")
    none = await opened(world, 2, subject={}, origin={}, dedup_key="none")
    modal = await form(world, none, VAL, "approve")
    assert scopes(modal) == []
    assert "It allows nothing besides what is in this war room" in modal.words


async def test_the_validator_renews_from_the_card_with_a_new_reason_and_the_room_is_told(
    world: World,
) -> None:
    room = await allowed(world)
    shown = await card(world, room, "Also allows")
    assert shown.action_ids == BUTTONS
    world.clock.move(6 * DAY)
    await world.people.click(
        user=VAL, channel=shown.channel, ts=shown.ts, action_id="exception_renew"
    )
    modal = await world.people.wait_for_modal(user=VAL, callback_id="renew_modal")
    values = {"reason": WITHIN_POLICY, "validity": "7d"}
    answer = await world.people.submit(user=VAL, view_id=modal.id, values=values)
    assert "Say why it is to go on" in answer.errors["reason"]
    values["reason"] = "The retraining takes a week more."
    await world.people.submit(user=VAL, view_id=modal.id, values=values)
    renewed = await world.room(room.id)
    assert renewed.decision
    assert renewed.decision.valid_until == world.clock() + 7 * DAY
    told = await card(world, room, "The retraining takes a week more.")
    assert f"Renewed by <@{VAL}>" in told.words.replace("*", "")
    assert "3 Dec 2026 09:00 UTC" in told.words


async def test_a_revocation_takes_the_buttons_and_says_who_and_why(world: World) -> None:
    room = await allowed(world)
    shown = await card(world, room, "Also allows")
    await world.people.click(
        user=JUDE, channel=shown.channel, ts=shown.ts, action_id="exception_revoke"
    )
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="revoke_modal")
    answer = await world.people.submit(user=JUDE, view_id=modal.id, values={"reason": "…"})
    assert "reason" in answer.errors
    values = {"reason": "The data is personal after all."}
    await world.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert (await world.room(room.id)).exception_ended_at == world.clock()
    told = await card(world, room, "Also allowed", "The data is personal after all.")
    assert told.action_ids == ()
    assert "Blocked again: exception revoked by Jude" in told.words
    assert f"<@{JUDE}> revoked the exception" in told.words
    assert "ended" not in told.words
    assert f"Revoked by <@{JUDE}>" in told.words.replace("*", "")
    topic = f"{room.policy_id}: exception revoked by Jude on 20 Nov 2026 09:00 UTC: block"
    await world.people.wait_for(
        lambda state: (
            (channel := state.channel(channel_of(room))) and channel.topic["value"] == topic
        )
    )


@pytest.mark.parametrize("user", [ADA, EVE])
@pytest.mark.parametrize("action_id", BUTTONS)
async def test_who_is_not_entitled_gets_no_form(world: World, user: str, action_id: str) -> None:
    """Neither whoever made the change nor whoever has no part in it."""
    room = await allowed(world)
    shown = await card(world, room, "Also allows")
    if user == EVE:
        await world.people.invite(user=VAL, channel=channel_of(room), users=[EVE])
    await world.people.click(user=user, channel=shown.channel, ts=shown.ts, action_id=action_id)
    answer = await world.people.wait_for_message(
        user=user, channel=channel_of(room), holds=lambda message: message.ephemeral
    )
    made = (user, action_id) == (ADA, "exception_renew")
    assert ("You made this change" if made else "Only the validator") in answer.words
    assert await world.people.views(user) == ()


async def waived(world: World, number: int, **fields: object) -> None:
    """The same once more, which the exception allows."""
    given = {**FOUND, **fields}
    receipt = await world.engine.report(report(**given), "violations", f"delivery{number}")
    assert receipt.answers[0].exception


async def test_the_card_and_the_page_of_who_allowed_it_count_what_was_waived_in_no_new_message(
    world: World,
) -> None:
    room = await allowed(world)
    await world.until(room.id, lambda room: room.result_at)
    await waived(world, 2)
    await card(world, room, "1 time, last")
    before = [m.ts for m in await world.people.messages(VAL, channel_of(room)) if not m.subtype]
    world.clock.move(timedelta(hours=3))
    again = {**FOUND["origin"], "run_url": "https://ci.test/2"}
    await waived(world, 3, origin=again)
    for shown in (
        await card(world, room, "2 times, last"),
        await message_to(world, VAL, lambda message: "2 times, last" in message.words),
    ):
        assert "20 Nov 2026 12:00 UTC" in shown.words
        assert "https://ci.test/2" in str(shown.blocks)
    after = [m.ts for m in await world.people.messages(VAL, channel_of(room)) if not m.subtype]
    assert after == before


async def test_the_command_lists_the_active_ones_with_what_whoever_asks_may_do(
    world: World,
) -> None:
    room = await allowed(world)
    await waived(world, 2)
    for words in ("exceptions", f"exceptions #{room.id}", "exceptions ranker", "exceptions mine"):
        text = await said(world, VAL, words)
        for told in (room.id, "Also allows", "allowed by <@U0VAL> (validator)", "1 time, last"):
            assert told in text.replace("*", ""), words
        assert "Renew…" in text
        assert "Revoke…" in text
    assert "1 active exception of yours" in await said(world, VAL, "exceptions mine")
    assert await said(world, JUDE, "exceptions mine") == "No exception of yours is active."
    none = "No exception is active for"
    known = f"{none} other. Active are: ranker, {room.id}."
    assert await said(world, JUDE, "exceptions other") == known
    assert await said(world, JUDE, "exceptions rankr") == f"{none} rankr. Did you mean ranker?"
    assert await said(world, EVE, "exceptions rankr") == f"{none} rankr."
    assert "/warroom exceptions [#room|subject|mine]:" in await said(world, VAL, "help")
    assert "no war room #wr-nope" in await said(world, VAL, "exceptions #wr-nope")
    assert "Revoke…" in await said(world, JUDE, "exceptions")
    assert "Renew…" not in await said(world, ADA, "exceptions")
    world.clock.move(7 * DAY)
    assert await said(world, VAL, "exceptions") == "No exception is active."


async def test_a_private_rooms_exception_is_listed_to_those_who_may_see_the_room(
    world: World,
) -> None:
    room = await allowed(world)
    assert room.private
    assert room.id in await said(world, JUDE, "exceptions")
    assert await said(world, EVE, "exceptions") == "No exception is active."


async def test_home_lists_what_one_owns_and_is_brought_up_to_date_by_a_revocation_there(
    world: World,
) -> None:
    room = await allowed(world)
    await world.people.open_home(user=VAL)
    tab = await world.people.wait_for_home(user=VAL, holds=lambda view: room.id in view.words)
    assert "What you allow, and answer for" in tab.words
    await world.people.click(user=VAL, view_id=tab.id, action_id="exception_revoke")
    modal = await world.people.wait_for_modal(user=VAL, callback_id="revoke_modal")
    values = {"reason": "The run was wrong."}
    await world.people.submit(user=VAL, view_id=modal.id, values=values)
    await world.people.wait_for_home(user=VAL, holds=lambda view: room.id not in view.words)


async def test_the_reminder_to_the_owner_can_renew_and_stops_offering_it_then(
    world: World,
) -> None:
    """At half of an override of one day."""
    room = await opened(world)
    order = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=DAY, scope="commit"
    )
    await world.engine.handle(room.id, order, acting("jude"))
    world.clock.move(DAY / 2)
    await Clock(world.engine).sweep()
    reminder = await message_to(world, JUDE, lambda m: "An exception ends" in m.words)
    assert reminder.action_ids == BUTTONS
    await world.people.click(
        user=JUDE, channel=reminder.channel, ts=reminder.ts, action_id="exception_renew"
    )
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="renew_modal")
    assert "validity" in str(modal.blocks)
    values = {"reason": "The ticket 4711 takes another week, " * 2, "validity": "7d"}
    await world.people.submit(user=JUDE, view_id=modal.id, values=values)
    after = await message_to(world, JUDE, lambda m: m.ts == reminder.ts and not m.action_ids)
    assert "This exception was renewed since" in after.words


async def overridden(world: World, days: int) -> WarRoom:
    room = await opened(world)
    order = c.Override(
        justification=JUSTIFICATION,
        category=Category.WAIVER,
        validity=days * DAY,
        scope="environment",
    )
    await world.engine.handle(room.id, order, acting("jude"))
    return room


def owed(world: World) -> list[FollowUp]:
    return open_follow_ups(world.engine.store)


async def test_a_week_before_the_end_the_owner_owes_the_renewal_and_is_told_by_that_alone(
    world: World,
) -> None:
    room = await overridden(world, 14)
    world.clock.move(7 * DAY - timedelta(seconds=1))
    await Clock(world.engine).sweep()
    assert owed(world) == []
    world.clock.move(timedelta(seconds=1))
    await Clock(world.engine).sweep()
    (renewal,) = owed(world)
    assert (renewal.kind, renewal.owner) == (FollowUpKind.RENEWAL, "jude")
    assert (renewal.exception_id, renewal.until) == (room.id, world.clock() + 7 * DAY)
    asked = await message_to(world, JUDE, lambda m: "still needed?" in m.words)
    assert asked.action_ids == (*BUTTONS, "follow_up_done")
    world.clock.move(6 * DAY)
    for _ in range(2):
        await Clock(world.engine).sweep()
    await message_to(world, JUDE, lambda m: "This is owed until" in m.words)
    endings = [
        each.event
        for each in world.engine.store.record(room.id)
        if isinstance(each.event, ExceptionEnding)
    ]
    assert [event.notify for event in endings] == [(), ()]


@pytest.mark.parametrize("how", ["exception_renew", "exception_revoke", "end"])
async def test_renewal_revocation_and_end_settle_what_is_owed(world: World, how: str) -> None:
    await overridden(world, 14)
    world.clock.move(7 * DAY)
    await Clock(world.engine).sweep()
    asked = await message_to(world, JUDE, lambda m: "still needed?" in m.words)
    if how == "end":
        world.clock.move(7 * DAY)
        for _ in range(2):
            await Clock(world.engine).sweep()
    else:
        await world.people.click(user=JUDE, channel=asked.channel, ts=asked.ts, action_id=how)
        modal = how.replace("exception_", "") + "_modal"
        view = await world.people.wait_for_modal(user=JUDE, callback_id=modal)
        values = {"reason": "It is needed for another month, says the ticket 4712."}
        if how == "exception_renew":
            values["validity"] = "30d"
        await world.people.submit(user=JUDE, view_id=view.id, values=values)
    assert owed(world) == []
    done = await message_to(world, JUDE, lambda m: m.ts == asked.ts and not m.action_ids)
    assert "Settled" in done.words
    state = await world.people.state()
    direct = state.direct(JUDE)
    assert direct
    assert not [m for m in direct.messages if "was owed until" in m.words]


@pytest.mark.parametrize("days", [2, 7])
async def test_for_what_holds_a_week_at_most_nothing_is_owed(world: World, days: int) -> None:
    await overridden(world, days)
    for _ in range(days):
        world.clock.move(DAY)
        await Clock(world.engine).sweep()
        assert owed(world) == []

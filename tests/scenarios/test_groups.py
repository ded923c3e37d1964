"""Roles that a Slack user group holds: Slack says who is in it, and the room goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain import events as e
from bot.domain.policy import Role
from bot.domain.role_sources import Assignment
from bot.domain.war_room import WarRoom
from bot.local_slack import LocalSlack, Member, People, SlackMessage, SlackState, Usergroup
from bot.outbox.dead_letters import undelivered
from tests.approving import approve, try_to_approve
from tests.build import ADA, BEA, EVE, JUDE, VAL, bea, jude
from tests.choosing import choose
from tests.staging.environment import CONFIG
from tests.staging.pipeline import channel
from tests.staging.stage import Stage, direct, local_slack_config, staged

pytestmark = pytest.mark.either_database


ANSWER_HOLDS = timedelta(minutes=10)
LATER = ANSWER_HOLDS + timedelta(minutes=1)
LEGAL = "S0LEGAL"
GONE, HOOK = "U0GONE", "UBOT1"
Begin = Callable[[str], AbstractAsyncContextManager[Stage]]


@pytest.fixture
def begin(local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path) -> Begin:
    """The bot, with this adjudicator in its policies."""

    def begun(adjudicator: str) -> AbstractAsyncContextManager[Stage]:
        folder = tmp_path / "config"
        folder.mkdir()
        for path in CONFIG.glob("*.yaml"):
            text = path.read_text().replace("{from: jude, backup: bea}", adjudicator)
            (folder / path.name).write_text(text)
        return staged(local_slack, people, database_url, WARROOM_CONFIG=folder)

    return begun


@pytest.fixture
async def legal(begin: Begin) -> AsyncIterator[Stage]:
    """The adjudicator is whoever is in Slack's group of the lawyers."""
    async with begin("{from: S0LEGAL}") as stage:
        yield stage


async def _room(stage: Stage, answer: dict[str, Any]) -> WarRoom:
    room = await asyncio.to_thread(stage.app.engine.store.room, answer["room_id"])
    assert room
    return room


async def _adjudicator(stage: Stage, answer: dict[str, Any]) -> Assignment:
    return (await _room(stage, answer)).assignment(Role.ADJUDICATOR)


async def _idle(stage: Stage) -> None:
    """Return once nothing waits for Slack any more."""
    async with asyncio.timeout(10):
        while (await asyncio.to_thread(undelivered, stage.app.engine.store)).pending:
            await stage.app.engine.wakeups.room_changed("any", 0.1)


async def _begun(stage: Stage, *, backup: bool = False) -> dict[str, Any]:
    """A room in which the group's answer is old by now."""
    answer = await stage.send()
    await stage.paged(ADA, VAL, JUDE)
    await stage.card(answer, JUDE)
    if backup:  # who isn't in the channel before the backups are paged
        await stage.people.invite(user=JUDE, channel=channel(answer), users=[BEA])
    await stage.joined(channel(answer), BEA)
    await _idle(stage)
    stage.move(LATER)
    return answer


async def _told(stage: Stage, user: str, answer: dict[str, Any]) -> SlackMessage:
    return await stage.people.wait_for_message(
        user=user, channel=channel(answer), holds=lambda message: message.ephemeral
    )


async def test_the_first_of_a_user_group_is_paged_and_may_decide(legal: Stage) -> None:
    answer = await legal.send()
    await legal.paged(ADA, VAL, JUDE)
    await legal.joined(channel(answer), BEA)
    await legal.card(answer, JUDE)
    await legal.people.click(user=JUDE, channel=channel(answer), action_id="override")
    await legal.people.wait_for_modal(user=JUDE, callback_id="override_modal")


async def test_the_initiator_in_a_user_group_decides_nothing(legal: Stage) -> None:
    answer = await legal.send(initiator={"slack": JUDE})
    await legal.paged(BEA)
    await legal.card(answer)
    room = legal.app.engine.store.room(answer["room_id"])
    assert room
    assert jude.name not in [name for role in room.assignments for name in role.holders]


async def test_with_slack_away_the_group_is_asked_later(legal: Stage) -> None:
    await legal.people.fault(
        "error", method="usergroups.users.list", error="internal_error", times=1
    )
    answer = await legal.send()
    await legal.card(answer)
    await legal.paged(JUDE)


async def test_who_left_the_group_decides_nothing_and_the_next_is_on_duty_and_paged(
    legal: Stage,
) -> None:
    answer = await _begun(legal)
    await legal.people.change_usergroup(LEGAL, BEA)
    await try_to_approve(legal.people, user=JUDE, channel=channel(answer))
    assert "Only the validator or the adjudicator" in (await _told(legal, JUDE, answer)).text
    assert not (await _room(legal, answer)).decision
    await legal.paged(BEA)
    adjudicator = await _adjudicator(legal, answer)
    assert adjudicator.holders == (bea.name,)
    record = legal.app.engine.store.record(answer["room_id"])
    (changed,) = (
        each.event for each in record if isinstance(each.event, e.Reassigned) and each.event.left
    )
    assert (changed.group, changed.left, changed.joined) == (LEGAL, (jude.name,), ())


async def test_who_joined_the_group_decides(legal: Stage) -> None:
    answer = await _begun(legal)
    await legal.people.change_usergroup(LEGAL, JUDE, BEA, EVE)
    await legal.people.invite(user=JUDE, channel=channel(answer), users=[EVE])
    await try_to_approve(legal.people, user=EVE, channel=channel(answer))
    decision = (await _room(legal, answer)).decision
    assert decision
    assert decision.account == f"slack:{EVE}"


async def test_a_newer_answer_is_not_asked_for(legal: Stage) -> None:
    answer = await _begun(legal)
    legal.move(-LATER)
    await legal.people.change_usergroup(LEGAL, BEA)
    await try_to_approve(legal.people, user=JUDE, channel=channel(answer))
    assert (await _room(legal, answer)).decision
    assert len(await legal.people.calls("usergroups.users.list")) == 1


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited", "internal_error"])
async def test_an_answer_that_failed_is_not_known_and_decides_nothing_until_it_is(
    legal: Stage, error: str
) -> None:
    answer = await _begun(legal)
    await legal.people.fault("error", method="usergroups.users.list", error=error, times=99)
    await try_to_approve(legal.people, user=JUDE, channel=channel(answer))
    assert "try again in a moment" in (await _told(legal, JUDE, answer)).text
    room = await _room(legal, answer)
    assert not room.decision
    assert room.assignment(Role.ADJUDICATOR).holders == (jude.name, bea.name)
    await legal.people.clear_faults()
    await try_to_approve(legal.people, user=JUDE, channel=channel(answer))
    assert (await _room(legal, answer)).decision


async def test_a_click_waits_for_a_late_answer_no_longer_than_slack_for_the_click(
    legal: Stage,
) -> None:
    answer = await _begun(legal)
    await legal.people.fault("slow", method="usergroups.users.list", seconds=5)
    clicked = await legal.people.click(user=JUDE, channel=channel(answer), action_id="approve")
    assert clicked.answer
    assert clicked.answer.acked
    assert "try again in a moment" in (await _told(legal, JUDE, answer)).text
    assert not (await _room(legal, answer)).decision


async def test_whom_the_policy_names_decides_whatever_slack_says(legal: Stage) -> None:
    answer = await _begun(legal)
    await legal.people.fault(
        "error", method="usergroups.users.list", error="missing_scope", times=99
    )
    await try_to_approve(legal.people, user=VAL, channel=channel(answer))
    assert (await _room(legal, answer)).decision


async def test_what_a_member_proposed_counts_for_somebody_else_as_long_as_they_are_one(
    legal: Stage,
) -> None:
    """The second person is named by the policy: of them nothing has to be asked."""
    for stays in (True, False):
        answer = await legal.send(initiator={"github": "newcomer"}, dedup_key=f"{stays}")
        await legal.card(answer, JUDE)
        await try_to_approve(legal.people, user=JUDE, channel=channel(answer))
        assert (await _room(legal, answer)).proposals
        legal.move(LATER)
        await legal.people.change_usergroup(LEGAL, *([JUDE] if stays else []), BEA)
        await try_to_approve(legal.people, user=VAL, channel=channel(answer))
        assert bool((await _room(legal, answer)).decision) is stays


async def test_what_a_member_proposed_doesnt_count_while_slack_doesnt_say_who_is_one(
    legal: Stage,
) -> None:
    answer = await legal.send(initiator={"github": "newcomer"})
    await legal.card(answer, JUDE)
    await try_to_approve(legal.people, user=JUDE, channel=channel(answer))
    legal.move(LATER)
    await legal.people.fault(
        "error", method="usergroups.users.list", error="missing_scope", times=99
    )
    await try_to_approve(legal.people, user=VAL, channel=channel(answer))
    room = await _room(legal, answer)
    assert (len(room.proposals), room.decision) == (2, None)


async def test_who_left_before_their_page_is_not_paged(legal: Stage) -> None:
    answer = await _begun(legal)
    await legal.people.change_usergroup(LEGAL, JUDE)
    await legal.until(lambda state: len(direct(state, VAL)) > 1, timedelta(minutes=20))
    legal.move(timedelta(hours=2))
    async with asyncio.timeout(10):
        while not (await _room(legal, answer)).backups_paged:
            await legal.app.engine.wakeups.room_changed("any", 0.1)
    await _idle(legal)
    assert not direct(await legal.people.state(), BEA)
    assert (await _adjudicator(legal, answer)).holders == (jude.name,)


async def test_who_joins_once_the_others_were_paged_is_paged_too(legal: Stage) -> None:
    answer = await _begun(legal)
    await legal.people.change_usergroup(LEGAL, JUDE, BEA, EVE)
    await legal.until(lambda state: direct(state, EVE), timedelta(minutes=20))
    assert len((await _adjudicator(legal, answer)).holders) == 3


async def test_somebody_deactivated_after_their_page_is_passed_over_with_the_reason(
    legal: Stage,
) -> None:
    answer = await _begun(legal)
    await legal.people.change_person(JUDE, deactivated=True)
    await legal.until(lambda state: direct(state, BEA), timedelta(minutes=20))
    assert (await _adjudicator(legal, answer)).on_duty == bea.name
    card = await legal.people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and "deactivated" in message.words,
    )
    assert "<@U0BACK>" in card.words


async def test_a_listed_person_who_is_deactivated_is_passed_over_too(stage: Stage) -> None:
    answer = await stage.send()
    await stage.paged(ADA, VAL, JUDE)
    await stage.people.change_person(JUDE, deactivated=True)
    await stage.until(lambda state: direct(state, BEA), timedelta(minutes=30))
    adjudicator = await _adjudicator(stage, answer)
    assert adjudicator.on_duty == bea.name
    card = await stage.people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and "passed over" in message.words,
    )
    # By its look-up, or by what Slack says to a reminder: whichever comes first.
    reasons = ("account deactivated", "unknown to Slack")
    assert any(f"passed over: <@U0JUDE> ({reason})" in card.words for reason in reasons)


async def test_a_bot_on_duty_is_passed_over(stage: Stage) -> None:
    """A bot stands for nobody, whoever gave it the role."""
    answer = await stage.send()
    await stage.paged(ADA, VAL, JUDE)
    await stage.people.change_person(JUDE, bot=True)
    await stage.until(lambda state: direct(state, BEA), timedelta(minutes=30))
    assert (await _adjudicator(stage, answer)).on_duty == bea.name
    await stage.people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and "passed over: <@U0JUDE> (a bot)" in message.words,
    )


async def test_who_is_on_duty_from_another_workspace_is_said_to_be(stage: Stage) -> None:
    answer = await stage.send()
    await stage.paged(ADA, VAL, JUDE)
    await stage.people.change_person(JUDE, team_id="T0OTHER")
    card = await stage.card(answer)

    def said(state: SlackState) -> bool:
        found = state.channel(channel(answer))
        return found is not None and any(
            "<@U0JUDE> (from team T0OTHER)" in message.words
            for message in found.messages
            if message.ts == card.ts
        )

    await stage.until(said, timedelta(minutes=30))


async def test_a_group_of_backups_is_asked_anew_too(begin: Begin) -> None:
    async with begin("{from: jude, backup: S0LEGAL}") as stage:
        answer = await _begun(stage, backup=True)
        await stage.people.change_usergroup(LEGAL, EVE)
        await stage.people.invite(user=JUDE, channel=channel(answer), users=[EVE])
        await try_to_approve(stage.people, user=BEA, channel=channel(answer))
        assert "Only the validator or the adjudicator" in (await _told(stage, BEA, answer)).text
        assert (await _adjudicator(stage, answer)).backups == (f"slack:{EVE}",)
        await try_to_approve(stage.people, user=EVE, channel=channel(answer))
        assert (await _room(stage, answer)).decision


async def test_somebody_who_may_have_joined_is_told_to_try_again_while_slack_does_not_say(
    legal: Stage,
) -> None:
    answer = await _begun(legal)
    await legal.people.invite(user=JUDE, channel=channel(answer), users=[EVE])
    await legal.people.fault(
        "error", method="usergroups.users.list", error="missing_scope", times=99
    )
    await try_to_approve(legal.people, user=EVE, channel=channel(answer))
    told = (await _told(legal, EVE, answer)).text
    assert "Only the validator or the adjudicator" in told
    assert "user group S0LEGAL" in told
    assert "try again" in told


async def test_a_form_keeps_what_was_written_while_slack_does_not_say(legal: Stage) -> None:
    answer = await _begun(legal)
    name = channel(answer)
    await choose(legal.people, user=JUDE, channel=name, verb="reject")
    form = await legal.people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    legal.move(LATER)
    await legal.people.fault(
        "error", method="usergroups.users.list", error="missing_scope", times=99
    )
    values = {"reason": "The data may not be used."}
    sent = await legal.people.submit(user=JUDE, view_id=form.id, values=values)
    assert sent.outcome == "errors"
    assert "try again in a moment" in sent.errors["reason"]
    await legal.people.clear_faults()
    await legal.people.submit(user=JUDE, view_id=form.id, values=values)
    assert (await _room(legal, answer)).decision


async def test_a_command_of_who_left_the_group_moves_no_deadline(legal: Stage) -> None:
    answer = await _begun(legal)
    before = await _room(legal, answer)
    await legal.people.change_usergroup(LEGAL, BEA)
    text = "/warroom extend 1h because the lawyer is on a plane"
    await legal.people.command(user=JUDE, channel=channel(answer), text=text)
    after = await _room(legal, answer)
    assert after.expires_at == before.expires_at
    assert jude.name not in after.assignment(Role.ADJUDICATOR).holders


async def test_long_after_the_decision_who_is_in_the_group_renews_it_and_who_left_does_not(
    legal: Stage,
) -> None:
    """A day after the decision, with the channel archived: nothing is posted there any more."""
    answer = await _begun(legal)
    name = channel(answer)
    await legal.card(answer, JUDE)
    await approve(legal.people, user=JUDE, channel=name)
    await legal.readable(answer)
    legal.move(timedelta(days=1))
    await legal.until(
        lambda state: (found := state.channel(name)) and found.is_archived, timedelta(0)
    )
    await _idle(legal)
    posted = (await legal.people.state()).channel(name)
    await legal.people.change_usergroup(LEGAL, BEA)
    text = f"/warroom exceptions {answer['room_id']}"
    listed = {
        user: await legal.people.command(user=user, channel="C0GENERAL", text=text)
        for user in (BEA, JUDE)
    }
    for user, shown in listed.items():
        await legal.people.click(
            user=user, channel=shown.channel, ts=shown.ts, action_id="exception_renew"
        )
    assert not await legal.people.views(JUDE)
    form = await legal.people.wait_for_modal(user=BEA, callback_id="renew_modal")
    values = {"reason": "The retraining takes a week more.", "validity": "7d"}
    await legal.people.submit(user=BEA, view_id=form.id, values=values)
    record = legal.app.engine.store.record(answer["room_id"])
    (renewed,) = (each.event for each in record if isinstance(each.event, e.ExceptionRenewed))
    assert renewed.by == bea.name
    await _idle(legal)
    assert (await legal.people.state()).channel(name) == posted


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("no_such_subteam", "Slack knows no such group"),
        ("paid_teams_only", "the workspace's plan has no user groups"),
        ("plan_upgrade_required", "the workspace's plan has no user groups"),
    ],
)
async def test_a_group_that_nobody_can_be_in_leaves_the_role_to_the_backup_with_the_reason(
    begin: Begin, people: People, error: str, reason: str
) -> None:
    await people.fault("error", method="usergroups.users.list", error=error, times=99)
    async with begin("{from: S0LEGAL, backup: bea}") as stage:
        answer = await stage.send()
        await stage.paged(ADA, VAL, BEA)
        card = await stage.people.wait_for_message(
            user=VAL,
            channel=channel(answer),
            holds=lambda message: message.pinned and reason in message.words,
        )
        assert "Slack is being asked" not in card.words
        assert not (await asyncio.to_thread(undelivered, stage.app.engine.store)).parked


async def test_an_empty_group_leaves_the_role_to_the_backup(begin: Begin, people: People) -> None:
    await people.change_usergroup(LEGAL)
    async with begin("{from: S0LEGAL, backup: bea}") as stage:
        await stage.send()
        await stage.paged(ADA, VAL, BEA)


async def test_a_missing_scope_is_no_empty_group(begin: Begin, people: People) -> None:
    await people.fault("error", method="usergroups.users.list", error="missing_scope", times=99)
    async with begin("{from: S0LEGAL, backup: bea}") as stage:
        answer = await stage.send()
        await stage.paged(ADA, VAL)
        card = await stage.card(answer)
        assert "Slack is being asked who is in this group" in card.words
        assert (await _adjudicator(stage, answer)).on_duty is None
        await people.clear_faults()
        await stage.until(lambda state: direct(state, JUDE), timedelta(minutes=1))


class TestOfBotsAndPeopleWhoAreGone:
    @pytest.fixture
    async def local_slack(self) -> AsyncIterator[LocalSlack]:
        config = local_slack_config()
        strangers = (
            Member(id=GONE, name="gone", deactivated=True),
            Member(id=HOOK, name="hook", bot=True),
        )
        people = (*config.people, *strangers)
        groups = (Usergroup(id=LEGAL, handle="legal", users=(GONE, HOOK, JUDE, JUDE)),)
        async with LocalSlack(local_slack_config(people=people, usergroups=groups)) as slack:
            yield slack

    async def test_they_are_no_members_and_nobody_is_one_twice(self, legal: Stage) -> None:
        answer = await legal.send()
        await legal.paged(ADA, VAL, JUDE)
        await legal.card(answer)
        assert (await _adjudicator(legal, answer)).holders == (jude.name,)

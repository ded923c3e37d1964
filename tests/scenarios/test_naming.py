"""Whom people name, in a form or a report, is a human whom Slack knows, or nobody that is known.

The threats: a bot, somebody who has left or an id that is nobody's stands for whoever made a
change, and one person alone allows it.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.war_room import State, WarRoom
from bot.local_slack import LocalSlack, Member, People, Submitted
from bot.outbox.dead_letters import undelivered
from tests.approving import approve, try_to_approve
from tests.build import ADA, BOT, EVE, JUDE, VAL, VIV
from tests.choosing import choose
from tests.staging.environment import CONFIG
from tests.staging.stage import Stage, direct, local_slack_config, staged

pytestmark = pytest.mark.either_database

STRANGER = {"github": "newcomer"}
HELD_BACK = "Held back."
HOOK, GONE, NOBODY = "U0HOOK", "U0GONE", "U0NOBODY"


@pytest.fixture
async def local_slack() -> AsyncIterator[LocalSlack]:
    """With another app's bot, and somebody who has left."""
    strangers = (
        Member(id=HOOK, name="hook", bot=True),
        Member(id=GONE, name="gone", deactivated=True),
    )
    config = local_slack_config(people=(*local_slack_config().people, *strangers))
    async with LocalSlack(config) as slack:
        yield slack


async def _room(stage: Stage, answer: dict[str, Any]) -> WarRoom:
    room = await asyncio.to_thread(stage.app.engine.store.room, answer["room_id"])
    assert room
    return room


async def _held_back(stage: Stage, answer: dict[str, Any]) -> str:
    card = await stage.people.wait_for_message(
        user=VAL,
        channel=stage.channel(answer),
        holds=lambda message: message.pinned and HELD_BACK in message.words,
    )
    return card.words


async def _name(stage: Stage, user: str, answer: dict[str, Any], person: str) -> Submitted:
    await choose(stage.people, user=user, channel=stage.channel(answer), verb="identify")
    form = await stage.people.wait_for_modal(user=user, callback_id="identify_modal")
    values = {"account": "github:newcomer", "person": person}
    return await stage.people.submit(user=user, view_id=form.id, values=values)


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (BOT, "(a bot)"),
        (HOOK, "(a bot)"),
        (GONE, "(account deactivated)"),
        (NOBODY, "(unknown to Slack)"),
    ],
)
async def test_whoever_can_be_no_human_is_not_named_and_the_form_says_what_is_needed(
    stage: Stage, user: str, said: str
) -> None:
    answer = await stage.send(initiator=STRANGER)
    await _held_back(stage, answer)
    sent = await _name(stage, VAL, answer, user)
    assert sent.outcome == "errors"
    assert said in sent.errors["person"]
    assert "Choose a person who is active in Slack" in sent.errors["person"]
    room = await _room(stage, answer)
    assert (room.initiators, room.owners) == ((), {})


@pytest.mark.parametrize("fault", ["error", "slow"])
async def test_nobody_is_named_while_slack_doesnt_say_who_that_is(stage: Stage, fault: str) -> None:
    answer = await stage.send(initiator=STRANGER)
    await _held_back(stage, answer)
    how = {"error": "internal_error"} if fault == "error" else {"seconds": 5}
    await stage.people.fault(fault, method="users.info", times=9, **how)
    sent = await _name(stage, VAL, answer, EVE)
    assert (sent.outcome, sent.answer and sent.answer.acked) == ("errors", True)
    assert "try again in a moment" in sent.errors["person"]
    assert not (await _room(stage, answer)).initiators
    await stage.people.clear_faults()
    assert (await _name(stage, VAL, answer, EVE)).outcome in ("closed", "cleared")
    assert (await _room(stage, answer)).initiators == (f"slack:{EVE}",)


async def test_a_service_account_of_the_file_is_not_named_and_slack_isnt_asked(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> None:
    for path in CONFIG.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("bots: [", f"bots: [{EVE}, ")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    async with staged(local_slack, people, database_url, WARROOM_CONFIG=tmp_path) as stage:
        answer = await stage.send(initiator=STRANGER)
        await _held_back(stage, answer)
        sent = await _name(stage, VAL, answer, EVE)
        assert "(a bot)" in sent.errors["person"]
        assert not await people.calls("users.info")
        by_address = await stage.send(initiator={"email": "eve@acme.test"}, dedup_key="2")
        await _held_back(stage, by_address)


async def test_a_wrong_name_is_corrected_in_the_same_form_and_frees_nobody(
    stage: Stage,
) -> None:
    answer = await stage.send(initiator=STRANGER)
    await _held_back(stage, answer)
    for person in (VIV, EVE):
        sent = await _name(stage, VAL, answer, person)
        assert sent.outcome in ("closed", "cleared"), sent
    both = f"Initiator: <@{VIV}> (not seen yet), <@{EVE}> (not seen yet)"
    card = await stage.people.wait_for_message(
        user=VAL,
        channel=stage.channel(answer),
        holds=lambda message: message.pinned and both in message.words,
    )
    assert f"by the word of <@{VAL}>" in card.words
    await stage.people.wait_for(lambda state: both in direct(state, JUDE)[0].words)
    assert await try_to_approve(stage.people, user=VIV, channel=stage.channel(answer)) is None
    assert not (await _room(stage, answer)).decision


async def test_a_bot_that_somebody_reports_by_hand_holds_it_back(stage: Stage) -> None:
    await stage.people.command(user=ADA, channel="general", text="/warroom open")
    form = await stage.people.wait_for_modal(user=ADA, callback_id="open_modal")
    values = {"policy": "pii-fine-tuning", "title": "Found by hand", "initiator": BOT}
    await stage.people.submit(user=ADA, view_id=form.id, values=values)
    (room,) = await asyncio.to_thread(stage.app.engine.store.open_rooms)
    assert HELD_BACK in await _held_back(stage, {"room_id": room.id})


@pytest.mark.parametrize("user", [BOT, HOOK, GONE, NOBODY])
async def test_a_room_of_nobody_who_can_be_told_is_decided_by_two_and_archived(
    stage: Stage, user: str
) -> None:
    answer = await stage.send(initiator={"slack": user})
    await _held_back(stage, answer)
    await try_to_approve(stage.people, user=VAL, channel=stage.channel(answer))
    assert not (await _room(stage, answer)).decision
    await approve(stage.people, user=VIV, channel=stage.channel(answer))
    assert (await _room(stage, answer)).decision
    await stage.readable(answer)
    await stage.until(
        lambda state: (found := state.channel(stage.channel(answer))) and found.is_archived,
        timedelta(hours=6),
    )
    assert (await _room(stage, answer)).state is State.CLOSED
    assert not (await asyncio.to_thread(undelivered, stage.app.engine.store)).parked

"""Slack away, answers lost, the database locked or full: a clear error or a retry, nothing lost."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest

from bot.local_slack import LocalSlack, People, SlackState
from tests.approving import approve
from tests.build import ADA, BEA, EVE, JUDE, VAL
from tests.choosing import choose, is_settled
from tests.staging.pipeline import body, channel
from tests.staging.stage import Stage, direct, staged


async def _mended(stage: Stage, seconds: float = 400) -> None:
    """Slack is back, and the bot's next attempts are due."""
    await stage.people.clear_faults()
    stage.move(timedelta(seconds=seconds))


async def _failed(stage: Stage, method: str) -> None:
    async def look() -> int:
        return len(await stage.people.calls(method))

    await stage.people.wait_until(look, lambda count: count > 0)


async def test_with_slack_away_violations_are_accepted_and_the_room_opens_when_it_is_back(
    stage: Stage,
) -> None:
    await stage.people.fault("http", status=503, times=1000)
    answer = await stage.send()
    await _failed(stage, "conversations.create")
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"
    await _mended(stage)
    await stage.card(answer)
    assert await stage.paged(ADA, VAL, JUDE)


async def test_with_slack_away_the_clock_runs_and_the_verdict_is_given(stage: Stage) -> None:
    await stage.people.fault("http", status=500, times=1000)
    answer = await stage.send()
    stage.move(timedelta(hours=4))
    assert (await stage.gate(answer["violation_id"], wait=10))["outcome"] == "expired"


@pytest.mark.parametrize("method", ["conversations.create", "chat.postMessage"])
async def test_an_answer_lost_after_the_work_was_done_is_looked_up_and_nothing_is_done_twice(
    stage: Stage, method: str
) -> None:
    await stage.people.fault("reset", method=method, times=3, after=True)
    answer = await stage.send()
    name = channel(answer)

    def settled(state: SlackState) -> bool:
        room = state.channel(name)
        return bool(room and room.pins) and all(direct(state, user) for user in (ADA, VAL, JUDE))

    state = await stage.until(settled, timedelta(seconds=30))
    rooms = [found for found in state.channels if found.name.startswith("wr-")]
    assert [found.name for found in rooms] == [name]
    cards = [m for m in rooms[0].messages if m.from_bot and not m.subtype]
    assert len(cards) == 1
    for user in (ADA, VAL, JUDE):
        assert len(direct(state, user)) == 1, user


async def test_a_look_up_that_fails_is_tried_again_before_anything_is_sent_again(
    stage: Stage,
) -> None:
    await stage.people.fault("reset", method="chat.postMessage", times=4, after=True)
    await stage.people.fault("error", method="conversations.history", error="fatal_error", times=4)
    answer = await stage.send()

    def paged(_: SlackState) -> bool:
        room = stage.app.engine.store.room(answer["room_id"])
        return bool(room and room.card and set(room.on_duty) <= set(room.pages))

    state = await stage.until(paged, timedelta(seconds=30))
    for user in (ADA, VAL, JUDE):
        assert len(direct(state, user)) == 1, user


async def test_a_page_whose_answer_was_lost_loses_its_buttons_with_the_decision(
    stage: Stage,
) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    await stage.people.fault("reset", method="chat.postMessage", times=1, after=True)
    other = await stage.send(initiator={"slack": EVE}, dedup_key="another")
    await stage.card(other)
    name = channel(other)
    await approve(stage.people, user=JUDE, channel=name)
    stage.move(timedelta(seconds=61))

    def gone(state: SlackState) -> bool:
        found = [message for user in (EVE, VAL, JUDE) for message in direct(state, user)]
        return not any(other["room_id"] in m.words and not is_settled(m) for m in found)

    await stage.until(gone, timedelta(seconds=10))


async def test_without_a_channel_the_three_are_paged_with_the_buttons_and_can_decide(
    stage: Stage,
) -> None:
    await stage.people.fault(
        "error", method="conversations.create", error="restricted_action", times=9
    )
    answer = await stage.send()
    stage.move(timedelta(seconds=6))
    pages = await stage.paged(ADA, VAL, JUDE)
    await approve(stage.people, user=VAL, channel=pages[VAL].channel)
    assert (await stage.gate(answer["violation_id"], wait=5))["outcome"] == "approved"


async def test_a_deactivated_adjudicator_makes_way_visibly(stage: Stage) -> None:
    await stage.people.change_person(JUDE, deactivated=True)
    answer = await stage.send()
    assert await stage.paged(BEA)
    card = await stage.people.wait_for_message(
        user=VAL,
        channel=channel(answer),
        holds=lambda message: message.pinned and f"<@{BEA}>" in message.words,
    )
    assert f"<@{JUDE}>" in card.words


async def test_what_is_nice_to_have_is_passed_over(stage: Stage) -> None:
    for method in ("pins.add", "conversations.setTopic"):
        await stage.people.fault("error", method=method, error="unknown_method", times=9)
    answer = await stage.send()
    name = channel(answer)
    card = await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda message: "approve" in message.action_ids
    )
    await approve(stage.people, user=VAL, channel=name)
    await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda m: m.ts == card.ts and is_settled(m)
    )


async def test_a_pin_whose_answer_was_lost_does_not_stand_in_the_way_of_news(stage: Stage) -> None:
    await stage.people.fault("reset", method="pins.add", times=1, after=True)
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await approve(stage.people, user=VAL, channel=name)

    async def look() -> SlackState:
        stage.move(timedelta(seconds=5))
        return await stage.people.state()

    def announced(state: SlackState) -> bool:
        room = state.channel(name)
        return bool(room and not any(not is_settled(m) for m in room.messages if m.pinned))

    await stage.people.wait_until(look, announced, timeout=10)


async def test_an_invitation_whose_answer_was_lost_is_made_in_one_call_again(stage: Stage) -> None:
    await stage.people.fault("reset", method="conversations.invite", times=1, after=True)
    answer = await stage.send()

    async def look() -> bool:
        stage.move(timedelta(seconds=5))
        state = await stage.people.state()
        room = state.channel(channel(answer))
        return bool(room and room.pins)

    await stage.people.wait_until(look, lambda pinned: pinned, timeout=10)
    assert len(await stage.people.calls("conversations.invite")) == 2


async def test_a_limit_is_waited_out(stage: Stage) -> None:
    await stage.people.fault("error", method="conversations.create", error="ratelimited", times=1)
    answer = await stage.send()
    stage.move(timedelta(seconds=2))
    await stage.card(answer)


async def test_nothing_is_given_up_over_a_limit_however_long_it_lasts(stage: Stage) -> None:
    """Nor over the failure after it: the time for which Slack says to wait is none of trying."""
    create = "conversations.create"
    await stage.people.fault("error", method=create, error="ratelimited", times=1000)
    answer = await stage.send()
    await _failed(stage, create)
    stage.move(timedelta(days=8))
    # One call may have been on its way while the clock was moved; the second is of now.
    limited = len(await stage.people.calls(create)) + 2
    async with asyncio.timeout(20):
        while len(await stage.people.calls(create)) < limited:
            stage.move(timedelta(seconds=30))
            await stage.app.engine.wakeups.room_changed("any", 0.2)
    await stage.people.clear_faults()
    await stage.people.fault("error", method=create, error="fatal_error", times=1)
    await stage.until(lambda state: state.channel(channel(answer)), timedelta(seconds=30))


async def test_a_bot_that_is_started_again_delivers_what_the_first_one_left(
    local_slack: LocalSlack, people: People, database_url: str
) -> None:
    await people.fault("http", status=503, times=1000)
    async with staged(local_slack, people, database_url) as first:
        answer = await first.send()
        await _failed(first, "conversations.create")
    async with staged(local_slack, people, database_url) as second:
        await _mended(second)
        await second.card(answer)
        assert await second.paged(ADA, VAL, JUDE)


@pytest.mark.only_on("sqlite", reason="PostgreSQL has no lock of the whole database")
async def test_a_locked_database_gives_503_and_no_click_or_form_passes_for_recorded(
    stage: Stage,
) -> None:
    """A form without an input has no place beside it for what is wrong: it is said instead."""
    url = stage.app.settings.database_url
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await choose(stage.people, user=ADA, channel=name, verb="withdraw")
    form = await stage.people.wait_for_modal(user=ADA, callback_id="withdraw_modal")
    lock = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    refused = await stage.post(body(dedup_key="while-locked"))
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    clicked = await stage.people.click(user=VAL, channel=name, action_id="ack")
    assert clicked.answer
    assert not clicked.answer.acked
    assert (await stage.people.submit(user=ADA, view_id=form.id)).outcome == "updated"
    assert "Nothing was recorded" in (await stage.people.wait_for_modal(user=ADA)).words
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"
    lock.execute("ROLLBACK")
    lock.close()
    assert (await stage.post(body(dedup_key="while-locked"))).status_code == 202
    await approve(stage.people, user=VAL, channel=name)
    assert (await stage.gate(answer["violation_id"], wait=5))["verdict"] == "allow"


@pytest.mark.only_on("sqlite", reason="PostgreSQL says it only where a disk is full")
async def test_a_full_disk_gives_503_and_loses_nothing(stage: Stage) -> None:
    database = stage.app.engine.store.database
    answer = await stage.send()

    def limit(pages: int) -> None:
        with database.write.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await asyncio.to_thread(limit, 1)
    big = {"text": "x" * 60_000}
    refused = await stage.post(body(dedup_key="while-full", facts=big))
    assert refused.status_code == 503
    await asyncio.to_thread(limit, 2**30)
    assert (await stage.post(body(dedup_key="while-full", facts=big))).status_code == 202
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"


async def test_until_slack_has_named_the_initiator_an_approval_is_refused(stage: Stage) -> None:
    await stage.people.fault("http", method="users.lookupByEmail", status=503, times=9)
    answer = await stage.send(initiator={"email": "eve@acme.test"})
    name = channel(answer)
    await stage.card(answer)
    await approve(stage.people, user=VAL, channel=name)
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"
    await _mended(stage)
    await stage.paged(EVE)
    await approve(stage.people, user=VAL, channel=name)
    assert (await stage.gate(answer["violation_id"], wait=5))["verdict"] == "allow"


async def test_whom_the_app_can_not_see_makes_way(stage: Stage) -> None:
    # The pages come before the channel and its card.
    await stage.people.fault("error", method="conversations.create", error="fatal_error", times=1)
    await stage.people.fault("error", method="chat.postMessage", error="user_not_visible", times=1)
    answer = await stage.send(initiator={"slack": ADA})
    await _failed(stage, "conversations.create")
    stage.move(timedelta(seconds=6))
    name = channel(answer)  # whoever it is, they may not see the card
    await stage.people.wait_for(lambda state: (found := state.channel(name)) and found.pins)
    room = stage.app.engine.store.room(answer["room_id"])
    assert room
    assert list(room.unreachable.values()) == ["user_not_visible"]


async def test_after_an_outage_longer_than_all_else_a_channel_is_archived_once_it_was_read(
    stage: Stage,
) -> None:
    """Longer than the window and `archive_after`: those who belong in it see the result there."""
    await stage.people.fault("http", status=503, times=100_000)
    answers = [await stage.send(dedup_key=f"away-{number}") for number in range(3)]
    await _failed(stage, "conversations.create")
    stage.move(timedelta(hours=4, minutes=1))
    for answer in answers:
        assert (await stage.gate(answer["violation_id"], wait=10))["outcome"] == "expired"
    stage.move(timedelta(days=3))
    await stage.people.clear_faults()

    def read(state: SlackState) -> bool:
        return all(_is_read(state, channel(answer)) for answer in answers)

    state = await stage.until(read, timedelta(seconds=100))
    assert not any(found.is_archived for found in state.channels)
    for answer in answers:
        await stage.readable(answer)
    stage.move(timedelta(hours=23))
    state = await stage.people.state()
    assert not any(found.is_archived for found in state.channels)
    stage.move(timedelta(hours=1))

    def archived(state: SlackState) -> bool:
        rooms = [state.channel(channel(answer)) for answer in answers]
        return all(room and room.is_archived for room in rooms)

    await stage.until(archived, timedelta(seconds=31))


def _is_read(state: SlackState, name: str) -> bool:
    """Whether those who belong in a channel are there, and the result is."""
    room = state.channel(name)
    if room is None:
        return False
    news = [message for message in room.messages if message.from_bot and not message.pinned]
    return {ADA, VAL, JUDE} <= {*room.members} and any("Expired" in m.words for m in news)

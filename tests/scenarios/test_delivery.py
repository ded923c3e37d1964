"""What reaches people when much happens at once, when Slack refuses, and after it was away."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.aggregate import Step
from bot.domain.channel_names import channel_name
from bot.domain.war_room import WarRoom
from bot.local_slack import SlackMessage, SlackState
from bot.outbox.delivery import LEASE_ENDS, LeaseEndedError
from bot.outbox.lateness import health
from bot.storage import tables as t
from tests.approving import approve
from tests.build import ADA, APPROVE, JUDE, VAL, acting, val
from tests.choosing import is_settled
from tests.outgoing import KINDS
from tests.slack.reading import parts
from tests.staging.pipeline import channel
from tests.staging.stage import Stage, direct

POLICIES = ("pii-fine-tuning", "model-export", "production-drift")


def _rooms(stage: Stage, answers: list[dict[str, str]]) -> list[WarRoom]:
    found = [stage.app.engine.store.room(answer["room_id"]) for answer in answers]
    return [room for room in found if room]


async def _all_paged(stage: Stage, answers: list[dict[str, str]]) -> None:
    """Return once everybody on duty is paged in each room."""
    await stage.until(
        lambda _: all(set(r.on_duty) <= set(r.pages) for r in _rooms(stage, answers)),
        timedelta(seconds=5),
    )


def _struck(message: SlackMessage) -> list[str]:
    """The words of a message that are struck out."""
    texts = [part for part in parts(message.blocks) if part.get("type") == "text"]
    return [text["text"] for text in texts if text.get("style", {}).get("strike")]


async def test_who_is_needed_in_many_rooms_at_once_gets_a_digest_and_every_room_knows(
    stage: Stage,
) -> None:
    answers = [
        await stage.send(policy=POLICIES[number % 3], dedup_key=f"many-{number}")
        for number in range(15)
    ]
    await _all_paged(stage, answers)
    state = await stage.people.state()
    for user in (ADA, VAL):
        got = direct(state, user)
        assert len(got) < 15
        assert any("war rooms need you" in message.words for message in got)
        digests = [message for message in got if "war rooms need you" in message.words]
        assert not any(message.action_ids for message in digests)
    for room in _rooms(stage, answers):
        for person, message in room.pages.items():
            got = direct(state, room.person(person).slack or "")
            assert [m.ts for m in got if m.ts == message.ts], (room.id, person)


async def test_a_decision_strikes_its_line_from_a_digest_and_leaves_the_others(
    stage: Stage,
) -> None:
    answers = [await stage.send(dedup_key=f"many-{number}") for number in range(9)]
    await _all_paged(stage, answers)
    digested = next(room for room in _rooms(stage, answers) if val.name in room.digested)
    name = channel_name(digested)
    await stage.people.wait_for_message(user=VAL, channel=name, holds=lambda m: m.pinned)
    await approve(stage.people, user=VAL, channel=name)
    await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda m: m.pinned and is_settled(m)
    )
    message = digested.pages[val.name]

    def struck(state: SlackState) -> object:
        digest = next(m for m in direct(state, VAL) if m.ts == message.ts)
        return _struck(digest) and "still wait" in digest.words

    state = await stage.people.wait_for(struck)
    digest = next(m for m in direct(state, VAL) if m.ts == message.ts)
    assert _struck(digest) == [digested.title]
    assert "Approved" in digest.words


@pytest.mark.parametrize("name", ["invalid_auth", "missing_scope", "token_revoked"])
async def test_a_refusal_of_the_app_itself_parks_the_page_and_blames_nobody(
    stage: Stage, name: str
) -> None:
    await stage.people.fault("error", method="chat.postMessage", error=name, times=99)
    answer = await stage.send()

    async def parked() -> int:
        stage.move(timedelta(seconds=6))
        now = stage.clock()
        store = stage.app.engine.store
        return store.ask(lambda connection: health(connection, now, KINDS)).parked

    assert await stage.people.wait_until(parked, lambda count: count >= 3)
    room = _rooms(stage, [answer])[0]
    assert not room.unreachable
    assert not room.pages


async def test_what_comes_late_says_when_it_happened(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await stage.people.fault("http", method="chat.postMessage", status=503, times=1000)
    name = channel(answer)
    await approve(stage.people, user=VAL, channel=name)
    stage.move(timedelta(minutes=30))
    await stage.people.clear_faults()

    def told(state: SlackState) -> bool:
        found = state.channel(name)
        messages = found.messages if found else ()
        return any("could not be delivered until now" in message.words for message in messages)

    await stage.until(told, timedelta(seconds=60))


def _times_tried(stage: Stage) -> int:
    """How often each page was tried at least."""
    question = select(func.min(t.effects.c.attempts)).where(t.effects.c.kind == "page")
    tried = stage.app.engine.store.ask(lambda connection: connection.execute(question).scalar())
    return int(tried or 0)


async def test_whom_no_page_reached_in_time_is_told_what_was_decided_without_them(
    stage: Stage,
) -> None:
    await stage.people.fault("http", status=503, times=100_000)
    answer = await stage.send()
    stage.move(timedelta(hours=4, minutes=1))
    assert (await stage.gate(answer["violation_id"], wait=10))["outcome"] == "expired"
    # A page that was under way then knows of no decision yet: it fails before Slack is back.
    tried = _times_tried(stage)
    await stage.until(lambda _: _times_tried(stage) > tried + 1, timedelta(minutes=6))
    await stage.people.clear_faults()

    def told(state: SlackState) -> bool:
        """The initiator of the result, as ever; the others also that nothing reached them."""
        missed = all(
            any("no message could be delivered" in message.words for message in direct(state, user))
            for user in (VAL, JUDE)
        )
        return missed and any("Expired" in message.words for message in direct(state, ADA))

    state = await stage.until(told, timedelta(seconds=100))
    for user in (ADA, VAL, JUDE):
        assert len(direct(state, user)) == 1, user


async def test_a_page_that_was_under_way_when_it_was_decided_shows_the_decision(
    stage: Stage,
) -> None:
    """It was written before, and its delivery is recorded after."""
    calls_under_way = 4  # the card and three pages
    await stage.people.fault("slow", "chat.postMessage", seconds=1.5, times=calls_under_way)
    answer = await stage.send()
    async with asyncio.timeout(10):
        while (await stage.people.look("faults"))["faults"]:
            await stage.app.engine.wakeups.room_changed("any", 0.05)
    decided = await stage.app.engine.handle(answer["room_id"], APPROVE, acting(val.name))
    assert isinstance(decided, Step)
    assert decided.after.pages == {}
    await stage.paged(ADA, VAL, JUDE)
    await stage.buttonless(VAL)
    await stage.buttonless(JUDE)


async def test_a_process_held_up_past_its_lease_sends_nothing(stage: Stage) -> None:
    LEASE_ENDS.set(time.monotonic() - 1)
    before = len(await stage.people.calls("chat.postMessage"))
    with pytest.raises(LeaseEndedError):
        await stage.app.client.chat_postMessage(channel=VAL, text="too late")
    LEASE_ENDS.set(time.monotonic() + 60)
    assert len(await stage.people.calls("chat.postMessage")) == before
    await stage.app.client.chat_postMessage(channel=VAL, text="in time")

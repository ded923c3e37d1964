"""How a room and its exception end, as people see it: told once, in one place, no ping twice."""

import json
import operator
from collections import Counter
from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.effect import Effect
from bot.domain.person import SYSTEM, Person
from bot.domain.policy import Role
from bot.domain.war_room import Category, State
from bot.engine.clock import Clock
from bot.integrations.slack import kinds as k
from bot.local_slack import SlackMessage
from tests.build import (
    ADA,
    APPROVE,
    BEA,
    EVE,
    JUDE,
    JUSTIFICATION,
    VAL,
    VIV,
    acting,
    ada,
    bea,
    eve,
    jude,
    made_by,
    val,
    violation,
)
from tests.slack.conftest import World, channel_of
from tests.slack.test_truth import WEEK, Place, called_last, exception_ended, overridden

EVERYBODY = (ADA, VAL, VIV, JUDE, BEA, EVE)


async def _opened(world: World) -> Place:
    place = Place(world, (await world.open_room()).id)
    await place.quiet()
    return place


def _mentioned(messages: list[SlackMessage]) -> Counter[str]:
    """How many of the messages mention each."""
    return Counter(
        user
        for message in messages
        for user in EVERYBODY
        if f"<@{user}>" in json.dumps([message.text, message.blocks])
    )


async def _all_struck(world: World) -> None:
    """Return once each fault that was set has struck."""

    async def left() -> list[object]:
        return list((await world.people.look("faults"))["faults"])

    await world.people.wait_until(left, operator.not_)


async def test_each_who_was_paged_is_told_once_how_it_ended_in_the_thread_of_their_page(
    world: World,
) -> None:
    place = await _opened(world)
    await place.move(0.5)
    await place.give(c.Reject(reason="The data may not be used."), jude.name)
    for user in (ADA, VAL, VIV, JUDE, BEA):
        page, *_, result = await place.to(user)
        assert result.thread_ts == page.ts
        assert "The data may not be used." in result.words
        assert len([m for m in await place.to(user) if m.thread_ts == page.ts and m != page]) == 1
        assert page.thread_ts in (None, page.ts)


async def test_whom_a_digest_called_is_told_in_its_thread(world: World) -> None:
    place = await _opened(world)
    payload = {"user": VIV, "rooms": place.id}
    await world.engine.deliver(Effect(k.DIGEST.name, f"dm:{VIV}", payload))
    await place.quiet()
    await place.give(APPROVE, val.name)
    digest, result = await place.to(VIV)
    assert (result.thread_ts, "'strike': True" in str(digest.blocks)) == (digest.ts, True)


async def test_an_initiator_whom_no_page_has_reached_is_told_once_too(world: World) -> None:
    place = await _opened(world)
    # Her page, and the news that her violation joined.
    await world.people.fault("error", "chat.postMessage", error="fatal_error", times=2)
    command = c.Join(violation=violation(2), makers=made_by(eve))
    await world.engine.handle(place.id, command, acting(SYSTEM))
    await world.people.wait_until(lambda: _tried(world, EVE), bool)
    await world.engine.handle(place.id, APPROVE, acting(val.name))
    await place.quiet(timedelta(seconds=1))
    (told,) = await place.to(EVE)
    assert "Approved" in told.words


async def test_where_the_page_was_deleted_the_result_comes_by_itself(world: World) -> None:
    place = await _opened(world)
    await world.people.fault("error", "chat.postMessage", error="thread_not_found", times=1)
    await place.give(APPROVE, val.name)
    results = [(await place.to(user))[1] for user in (ADA, VAL, JUDE)]
    assert sum(result.thread_ts is None for result in results) == 1


async def test_who_cant_be_reached_any_more_when_it_ends_holds_nothing_up(world: World) -> None:
    """The others are told, nobody is called to take over, and the channel is archived in time."""
    place = await _opened(world)
    await world.people.fault("error", "chat.postMessage", error="user_disabled", times=1)
    await place.give(APPROVE, val.name)
    (gone,) = (await place.room()).unreachable
    assert gone in (ada.name, val.name, jude.name)
    counts = [len(await place.to(user)) for user in (ADA, VAL, JUDE)]
    assert sorted(counts) == [1, 2, 2]
    assert [len(await place.to(user)) for user in (VIV, BEA)] == [0, 0]
    assert len(await place.in_channel()) == 2  # the card, and the result
    await place.wait(timedelta(days=2))
    assert (await place.room()).state is State.CLOSED


@pytest.mark.parametrize("gone", [{JUDE: jude}, {VAL: val}, {JUDE: jude, VAL: val}])
async def test_who_cant_be_reached_once_it_is_decided_makes_way_to_nobody(
    world: World, gone: dict[str, Person]
) -> None:
    """The card names who was on duty, and nobody else is waited for in the channel."""
    place = await _opened(world)
    for user in gone:
        await world.people.change_person(user, deactivated=True)
    await place.give(APPROVE, val.name)
    room = await place.room()
    assert set(room.unreachable) == {who.name for who in gone.values()}
    assert room.on_duty == (ada.name, val.name, jude.name)
    (on_card,) = [m for m in await world.people.messages(ADA, channel_of(room)) if m.pinned]
    assert "passed over" not in on_card.words
    await place.wait(timedelta(days=2))
    assert (await place.room()).state is State.CLOSED
    assert await _is_archived(place)


async def test_the_end_of_an_exception_is_told_to_the_adjudicator_who_can_be_reached(
    world: World,
) -> None:
    place = await _opened(world)
    await overridden(place)
    await world.people.change_person(JUDE, deactivated=True)
    await place.give(r.RecordUnreachable(name=jude.name, error="user_disabled"), SYSTEM)
    await place.wait(WEEK - timedelta(days=1))
    (told,) = await place.to(BEA)
    assert "An exception ends" in told.words


async def test_a_result_whose_answer_was_lost_is_looked_for_in_the_thread(world: World) -> None:
    place = await _opened(world)
    await world.people.fault("reset", "chat.postMessage", times=3, after=True)
    await world.engine.handle(place.id, APPROVE, acting(val.name))
    await place.quiet(timedelta(seconds=1))
    for user in (ADA, VAL, JUDE):
        assert len(await place.to(user)) == 2, user


@pytest.mark.parametrize(
    ("command", "name", "over"),
    [
        (c.Explain(text="Those who agreed."), ada.name, "Answered"),
        (APPROVE, val.name, "Nobody needs to answer any more."),
    ],
)
async def test_a_question_that_was_perhaps_sent_is_brought_up_to_date_where_it_is_over_by_then(
    world: World, command: c.Command, name: str, over: str
) -> None:
    """Slack has taken it, in the channel and to who is asked; only its answers were lost."""
    place = await _opened(world)
    await world.people.fault("reset", "chat.postMessage", times=2, after=True)
    question = c.RequestInfo(question="Whose consent is it?")
    await world.engine.handle(place.id, question, acting(jude.name))
    await _all_struck(world)
    await world.engine.handle(place.id, command, acting(name))
    await place.quiet(timedelta(seconds=1))
    news = [message for message in await place.in_channel() if not message.pinned]
    asking = [m.words for m in (*news, *await place.to(ADA)) if "The adjudicator asked:" in m.words]
    assert [over in words for words in asking] == [True, True]


async def test_a_last_call_that_was_perhaps_sent_says_it_is_decided_by_then(world: World) -> None:
    place = await _opened(world)
    await place.move(0.5)
    faults = 5  # the channel, and the four who can decide
    await world.people.fault("reset", "chat.postMessage", times=faults, after=True)
    room = await place.room()
    world.clock.move(0.9 * (room.expires_at - room.opened_at) + room.opened_at - world.clock())
    await Clock(world.engine).sweep()
    await _all_struck(world)
    await world.engine.handle(place.id, APPROVE, acting(val.name))
    await place.quiet(timedelta(seconds=1))
    said = [*await place.in_channel()]
    for user in (VAL, VIV, JUDE, BEA):
        said += await place.to(user)
    assert not [message.words for message in said if "Last call" in message.words]


async def test_nobody_is_called_in_the_channel_for_what_they_hear_by_direct_message(
    world: World,
) -> None:
    """The card comes before they do; no news mentions whom it concerns."""
    place = await _opened(world)
    calls = await world.people.calls()
    methods = [call.method for call in calls if call.direction == "to_slack"]
    assert methods.index("conversations.invite") > methods.index("chat.postMessage")
    invited = next(call.started for call in calls if call.method == "conversations.invite")
    room = await place.room()
    cards = [call for call in calls if call.arguments.get("channel") == room.channel]
    posted = [call.started for call in cards if call.method == "chat.postMessage"]
    assert max(posted) < invited
    await called_last(place)
    await place.give(c.RequestInfo(question="Which?"), jude.name)
    await place.give(c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
    await place.give(c.Join(violation=violation(2), makers=made_by(eve)), SYSTEM)
    await place.give(r.RecordUnreachable(name=val.name, error="user_disabled"), SYSTEM)
    await place.give(c.Reject(reason="No."), bea.name)
    news = [message for message in await place.in_channel() if not message.pinned]
    assert len(news) == 6
    # Who did something is named as its author.
    assert _mentioned(news) == Counter({JUDE: 1})


async def test_a_topic_is_set_when_its_text_changes_and_at_no_other_time(world: World) -> None:
    place = await _opened(world)
    await called_last(place)
    await place.give(c.RequestInfo(question="Which?"), jude.name)
    await place.give(c.Explain(text="Those."), ada.name)
    await place.give(c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
    assert await _topics(world) == 1
    await place.give(c.Extend(by=timedelta(hours=1), reason="Away."), bea.name)
    assert await _topics(world) == 2
    await overridden_by(place, bea.name)
    assert await _topics(world) == 3
    # A second attempt at what may have been done.
    await world.people.fault("reset", "conversations.setTopic", times=1, after=True)
    world.clock.move(WEEK)
    await Clock(world.engine).sweep()
    await place.quiet(timedelta(seconds=1))
    assert await _topics(world) == 4


async def test_owner_and_adjudicator_hear_of_the_end_of_an_exception_a_day_before_and_then(
    world: World,
) -> None:
    place = await _opened(world)
    await place.move(0.5)
    await overridden_by(place, bea.name)
    count = {user: len(await place.to(user)) for user in (ADA, VAL, VIV, JUDE, BEA)}
    await place.wait(WEEK - timedelta(days=1))
    await place.wait(timedelta(days=1))
    for user in (JUDE, BEA):
        before, ended = (await place.to(user))[count[user] :]
        assert "This exception has ended" in before.words
        assert "and the change is blocked again" in ended.words
    for user in (ADA, VAL, VIV):
        assert len(await place.to(user)) == count[user]
    room = await place.room()
    assert [each.event.kind for each in world.engine.store.record(room.id)].count(
        "exception_ended"
    ) == 1


async def test_in_an_archived_channel_nothing_changes_and_the_people_are_told_all_the_same(
    world: World,
) -> None:
    place = await _opened(world)
    await overridden(place)
    await place.wait(timedelta(days=1, minutes=1))
    room = await place.room()
    assert room.state is State.CLOSED
    assert await _is_archived(place)
    calls = len(await world.people.calls())
    await place.wait(WEEK)
    ended = [m for m in await place.to(JUDE) if "The exception ended" in m.words]
    assert len(ended) == 2  # the page, and the news
    later = (await world.people.calls())[calls:]
    assert not [call for call in later if call.arguments.get("channel") == room.channel]


@pytest.mark.parametrize("decided", [True, False])
async def test_a_channel_that_somebody_archived_by_hand_leaves_no_dead_letters(
    world: World, decided: bool
) -> None:
    place = await _opened(world)
    if decided:
        await overridden(place)
    room = await place.room()
    await world.people.archive(user=VAL, channel=channel_of(room))
    if not decided:
        await place.give(c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
        await overridden_by(place, bea.name)
    await exception_ended(place)  # `quiet` asserts that nothing was given up
    await place.wait(timedelta(days=2))
    assert (await place.room()).state is State.CLOSED


async def overridden_by(place: Place, name: str) -> None:
    command = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=WEEK)
    await place.give(command, name)


async def _tried(world: World, user: str) -> bool:
    calls = await world.people.calls("chat.postMessage")
    return any(call.arguments.get("channel") == user for call in calls)


async def _topics(world: World) -> int:
    return len(await world.people.calls("conversations.setTopic"))


async def _is_archived(place: Place) -> bool:
    channel = (await place.world.people.state()).channel(channel_of(await place.room()))
    return bool(channel and channel.is_archived)

"""What Slack takes late, and what it took before its words changed: true when it is read.

Rules
- A question is a part of what happened: it is told late with what became of it.
- What else asked for something is told late by what it came to, and not where the result says so.
- The same words, asked again, are another question.
- Whom Slack can't reach by then is no matter of an operator.
"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.domain import commands as c
from bot.domain.effect import Effect
from bot.domain.person import SYSTEM, Person
from bot.domain.policy import Role
from bot.domain.violation import Success
from bot.engine.clock import Clock
from bot.integrations.slack.kinds import DIGEST
from bot.local_slack import SlackMessage
from bot.storage import tables as t
from tests.build import (
    ADA,
    APPROVE,
    BEA,
    JUDE,
    NAMES,
    VAL,
    VIV,
    acting,
    ada,
    bea,
    jude,
    made_by,
    val,
    violation,
)
from tests.slack.conftest import World
from tests.slack.test_truth import (
    NOT_ANY_MORE,
    STRANGER,
    Place,
    Step,
    stranger_joined,
)

AGAIN = "Another question was asked since"
QUESTION = c.RequestInfo(question="Whose consent is it?")
ANSWER = c.Explain(text="Those who agreed.")
Fault = dict[str, Any]
LOST: Fault = {"kind": "reset", "after": True}  # the message is there, and nobody here knows
REFUSED: Fault = {"kind": "error", "error": "fatal_error"}


async def _opened(world: World) -> Place:
    place = Place(world, (await world.open_room()).id)
    await place.quiet()
    return place


async def _asking(place: Place) -> list[SlackMessage]:
    """What asks ada the question, in the channel and in her messages."""
    said = [*await place.in_channel(), *await place.to(ADA)]
    return [m for m in said if "asked:" in m.words or "asks" in m.words]


async def _said(place: Place) -> list[SlackMessage]:
    """All that stands in the channel and in anybody's messages."""
    said = await place.in_channel()
    for user in (ADA, VAL, VIV, JUDE, BEA):
        said += await place.to(user)
    return said


async def _late(
    place: Place, *commands: tuple[c.Command, Person | None], fault: Fault = REFUSED
) -> None:
    """All of these happen while Slack takes no message; then it takes what is left."""
    await _away(place, fault)
    for command, who in commands:
        actor = acting(who.name if who else SYSTEM)
        answer = await place.world.engine.handle(place.id, command, actor)
        assert not hasattr(answer, "why"), answer
        await _put_off(place)
    await place.world.people.clear_faults()
    await place.quiet(timedelta(seconds=30))


async def _away(place: Place, fault: Fault = REFUSED) -> None:
    await place.world.people.fault(method="chat.postMessage", times=999, **fault)


async def _put_off(place: Place) -> None:
    """Return once all that is left was tried, or waits behind what was."""
    effect = t.effects.c
    newest_first = (
        select(effect.lane, effect.last_error)
        .where(effect.state == t.PENDING)
        .order_by(effect.id.desc())
    )

    def untried(connection: Connection) -> list[str]:
        first = {row.lane: row.last_error for row in connection.execute(newest_first)}
        return [lane for lane, error in first.items() if error is None]

    async with asyncio.timeout(10):
        while await asyncio.to_thread(place.world.engine.store.ask, untried):
            await place.world.engine.wakeups.room_changed(place.id, 0.02)


async def test_the_same_words_asked_again_are_another_question(world: World) -> None:
    place = await _opened(world)
    await place.give(QUESTION, jude.name)
    await place.give(QUESTION, jude.name)
    messages = await _asking(place)
    assert [AGAIN in message.words for message in messages] == [True, False, True, False]
    assert [message.action_ids for message in messages] == [(), ("explain",)] * 2


async def test_a_question_that_comes_late_is_not_taken_for_the_one_asked_again(
    world: World,
) -> None:
    """It was answered; only the second one asks ada for something, in either place."""
    place = await _opened(world)
    await _late(place, (QUESTION, jude), (ANSWER, ada), (QUESTION, jude))
    messages = await _asking(place)
    assert [AGAIN in message.words for message in messages] == [True, False, False]
    assert [message.action_ids for message in messages] == [(), ("explain",), ("explain",)]


@pytest.mark.parametrize(
    ("command", "who", "became"),
    [
        (ANSWER, ada, "Answered: the answer stands on the card."),
        (APPROVE, val, "Nobody needs to answer any more."),
    ],
    ids=["answered", "decided"],
)
async def test_a_question_that_is_over_is_told_late_with_what_became_of_it(
    world: World, command: c.Command, who: Person, became: str
) -> None:
    """In the channel alone: whoever was asked needs to do nothing."""
    place = await _opened(world)
    await _late(place, (QUESTION, jude), (command, who))
    (message,) = await _asking(place)
    assert (became in message.words, message.action_ids) == (True, ())
    assert "Whose consent is it?" in message.words


@pytest.mark.parametrize("fault", [REFUSED, LOST], ids=["refused", "lost"])
async def test_what_doesnt_count_any_more_is_not_left_told_as_if_it_did(
    world: World, fault: Fault
) -> None:
    place = await _opened(world)
    await stranger_joined(place)
    named = c.NameInitiator(account=STRANGER, persons=(val,))
    await _late(place, (APPROVE, val), (named, jude), fault=fault)
    assert [m.words for m in await _said(place) if "would approve" in m.words] == []
    assert len([m for m in await place.in_channel() if NOT_ANY_MORE in m.words]) == 1


async def test_a_success_that_is_overtaken_by_a_failure_is_told_as_such(world: World) -> None:
    place = await _opened(world)
    success = Success(key=(await place.room()).key, check="Guardrails", at=world.clock())
    again = violation(2, at=world.clock() + timedelta(minutes=2))
    joins = c.Join(violation=again, makers=made_by(ada))
    await _late(place, (c.RecordSuccess(success=success), None), (joins, None))
    (told,) = [m.words for m in await _said(place) if "succeeded" in m.words and not m.pinned]
    assert "has failed again since." in told


@pytest.mark.parametrize("asked", [c.RecordSuccess, c.Approve, c.HandOff])
async def test_what_the_result_tells_is_not_told_before_it(
    world: World, asked: type[c.Command]
) -> None:
    """But that a role went to somebody happened, whatever came of it."""
    place = await _opened(world)
    await stranger_joined(place)
    success = Success(key=(await place.room()).key, check="Guardrails", at=world.clock())
    commands: dict[type[c.Command], tuple[c.Command, Person | None]] = {
        c.RecordSuccess: (c.RecordSuccess(success=success), None),
        c.Approve: (APPROVE, val),
        c.HandOff: (c.HandOff(role=Role.ADJUDICATOR, to=bea), jude),
    }
    before = len(await place.in_channel())
    await _late(place, commands[asked], (c.Reject(reason="Not for this."), bea))
    *told, result = [m.words for m in (await place.in_channel())[before:]]
    assert "Rejected" in result
    assert [words.partition(":")[2] for words in told] == (
        [" the adjudicator on duty became Bea."] if asked is c.HandOff else []
    )


async def test_a_last_call_is_not_told_late_once_it_comes_later(world: World) -> None:
    """There is more time by then, and another last call before it ends."""
    place = await _opened(world)
    await place.move(0.5)
    await _away(place)
    room = await place.room()
    world.clock.move(room.opened_at + 0.9 * room.window - world.clock())
    await Clock(world.engine).sweep()
    await _put_off(place)
    longer = c.Extend(by=timedelta(hours=2), reason="The DPO is away.")
    await _late(place, (longer, jude))
    said = await _said(place)
    assert [m.words for m in said if "ast call" in m.words] == []
    await place.move(0.9)
    assert len([m for m in await _said(place) if "Last call" in m.words]) == 5


async def asked(place: Place) -> None:
    await place.world.engine.handle(place.id, QUESTION, acting(jude.name))


async def paged_the_backup(place: Place) -> None:
    place.world.clock.move(0.5 * (await place.room()).window)
    await Clock(place.world.engine).sweep()


async def sent_a_digest(place: Place) -> None:
    payload = {"user": VIV, "rooms": place.id}
    await place.world.engine.deliver(Effect(DIGEST.name, f"dm:{VIV}", payload))


async def approved(place: Place) -> None:
    await place.world.engine.handle(place.id, APPROVE, acting(val.name))


async def expired(place: Place) -> None:
    place.world.clock.move((await place.room()).window)
    await Clock(place.world.engine).sweep()


@pytest.mark.parametrize(
    ("call", "user", "fault", "end"),
    [
        (asked, ADA, LOST, approved),
        (paged_the_backup, BEA, LOST, approved),
        (sent_a_digest, VIV, LOST, approved),
        (paged_the_backup, BEA, REFUSED, expired),
        (sent_a_digest, VIV, REFUSED, expired),
    ],
)
async def test_whom_slack_reaches_no_more_is_no_matter_of_an_operator(
    world: World, call: Step, user: str, fault: Fault, end: Step
) -> None:
    """Whether they were perhaps sent something or missed it: the room knows that they are gone."""
    place = await _opened(world)
    await _away(place, fault)
    await call(place)
    await _put_off(place)
    await world.people.change_person(user, deactivated=True)
    await end(place)
    await _put_off(place)
    await world.people.clear_faults()
    await place.quiet(timedelta(seconds=30))  # which asserts that nothing was given up
    assert NAMES[user] in (await place.room()).unreachable

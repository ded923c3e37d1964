"""The registry of kinds: what it refuses, and what is left to a version that knows more kinds."""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.domain.configuration import CONFIGURATION, STREAM_ID
from bot.domain.effect import Effect
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.callback.kinds import CALLBACK
from bot.integrations.slack import kinds as slack
from bot.outbox import claim
from bot.outbox.budgets import Budget, Limit
from bot.outbox.dead_letters import undelivered
from bot.outbox.delivery import Claimed, FinalError, PassingError, Recordings
from bot.outbox.enqueue import RegisteredFollowers
from bot.outbox.kinds import Destination, EffectKind, Kinds, Urgency
from bot.outbox.lateness import Waiting, health
from bot.outbox.worker import Outbox
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.rows import effect_row, forget_effects
from bot.storage.store import Store
from bot.storage.transaction import Stream
from tests.build import START
from tests.conftest import HandClock
from tests.outgoing import BUILT_IN, FOLLOWING, KINDS

SECOND = timedelta(seconds=1)


def test_every_kind_of_slack_is_registered() -> None:
    defined = [kind for kind in vars(slack).values() if isinstance(kind, EffectKind)]
    assert sorted(kind.name for kind in defined) == sorted(kind.name for kind in slack.KINDS)


def test_the_most_urgent_come_first_and_among_equals_as_they_are_registered() -> None:
    kinds = Kinds((slack.ARCHIVE, slack.TELL, slack.PUBLISH_HOME, CALLBACK))
    assert list(kinds) == ["tell", "callback", "publish_home", "archive"]


def _nowhere(_: object) -> AbstractAsyncContextManager[None]:
    return nullcontext()


def test_what_cannot_be_told_apart_is_refused() -> None:
    other = replace(slack.SLACK, places=1)
    limits_the_same = Destination("mirror", 1, _nowhere, limits=slack.SLACK.limits)
    with pytest.raises(ValueError, match="one name"):
        Kinds((slack.TELL, slack.TELL))
    with pytest.raises(ValueError, match="two destinations have the name slack"):
        Kinds((slack.TELL, replace(slack.ARCHIVE, destination=other)))
    with pytest.raises(ValueError, match="digest no registered kind"):
        Kinds((slack.PAGE,))
    with pytest.raises(ValueError, match="limit the same"):
        Kinds((slack.TELL, replace(slack.ARCHIVE, destination=limits_the_same)))


def test_a_destination_takes_its_limits_at_the_speed_that_is_asked_for() -> None:
    minute = timedelta(minutes=1)
    calls = Destination("calls", 1, _nowhere, limits=Budget(methods={"call": Limit(2, minute)}))
    kinds = Kinds([replace(CALLBACK, destination=calls)], speed={"calls": 2.0})
    assert kinds.budget.methods == {"call": Limit(2, minute / 2)}


def test_an_effect_of_no_registered_kind_is_refused_before_it_is_written() -> None:
    followers = RegisteredFollowers(Kinds([CALLBACK]), BUILT_IN.followers)
    with pytest.raises(ValueError, match="page is no registered kind"):
        followers.row(Effect(kind="page", lane="dm:U1"), START)


def test_what_a_newer_version_wrote_is_left_to_it_and_makes_nobody_late(
    database: Database,
) -> None:
    known = FOLLOWING.row(Effect(kind=slack.TELL.name, lane="dm:U1"), START)
    newer = replace(known, kind="ring", lane="phone:U1", urgency=9)
    with database.write.begin() as connection:
        connection.execute(insert(t.effects), [effect_row(newer), effect_row(known)])
        later = START + timedelta(hours=1)
        assert list(claim.waiting(connection, later, KINDS).since) == ["tell"]
        claimed = claim.claim(connection, later, SECOND, 9, KINDS, KINDS)
        assert [effect.kind for effect in claimed] == ["tell"]
        forget_effects(connection, [claimed[0].id])
    with database.read.connect() as connection:
        waiting = health(connection, later, KINDS).outbox
    assert waiting == dict.fromkeys(Urgency, Waiting())
    assert undelivered(Store(database)).pending == 1


async def test_a_destination_tells_its_failures_apart(engine: Engine, clock: HandClock) -> None:
    """What it knows as final is given up at once; an unexpected one is tried again."""

    async def ring(_: object, effect: Claimed, __: WarRoom | None) -> Recordings:
        raise KeyError(effect.lane)

    def failure(error: Exception) -> PassingError | FinalError | None:
        return FinalError("no such number") if error.args == ("phone:U1",) else None

    phone = Destination("phone", 2, _nowhere, failure=failure)
    kinds = Kinds([EffectKind("tell", phone, Urgency.NEWS, ring)])
    outbox = Outbox(engine, kinds, {phone.name: None}, steady=lambda: clock().timestamp())
    await engine.deliver(Effect(kind="tell", lane="phone:U1"))
    await engine.deliver(Effect(kind="tell", lane="phone:U2"))
    assert await outbox.sweep() == 2
    await asyncio.gather(*(task for _, task, _ in outbox._running.values()))  # noqa: SLF001 - nothing else says so
    parked = undelivered(engine.store).parked
    assert [(each.to, each.reason) for each in parked] == [("phone:U1", "no such number")]
    clock.move(timedelta(minutes=1))
    assert await outbox.sweep() == 1


async def test_what_a_delivery_gives_to_be_delivered_next_stays_in_its_stream(
    engine: Engine,
) -> None:
    """Whatever kind of stream that is: it comes up under it, and in its own lane there."""
    first, then = Effect(kind="first", lane="one"), Effect(kind="then", lane="one")
    stream = Stream(CONFIGURATION.kind, STREAM_ID)
    came: list[Claimed] = []
    done = asyncio.Event()

    async def deliver(_: object, effect: Claimed, __: WarRoom | None) -> Recordings:
        came.append(effect)
        if effect.kind == then.kind:
            done.set()
            return ()
        return (then,)

    nowhere = Destination("nowhere", 1, _nowhere)
    kinds = Kinds(
        replace(CALLBACK, name=each.kind, destination=nowhere, deliver=deliver)
        for each in (first, then)
    )
    working = Engine(
        engine.store.database,
        engine.config,
        engine.now,
        engine.wakeups,
        RegisteredFollowers(kinds, ()),
    )
    await working.write(lambda transaction: working.add_effect(transaction, stream, first))
    running = asyncio.create_task(Outbox(working, kinds, {"nowhere": None}).run())
    async with asyncio.timeout(10):
        await done.wait()
    running.cancel()
    await asyncio.wait([running])
    await asyncio.to_thread(working.stop)
    assert [(each.stream, each.lane) for each in came] == [(stream, f"{STREAM_ID}/one")] * 2

"""A wall clock that is set ahead or back: leases hold, nothing waits an hour longer."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.effect import Effect
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.kinds import PUBLISH_HOME
from bot.outbox.clock_jumps import STEP, ClockJumps
from bot.outbox.delivery import Claimed, PassingError, Recording
from bot.outbox.kinds import Kinds
from bot.outbox.worker import LEASE, TIMEOUT_SECONDS, Outbox
from tests.conftest import HandClock

HOUR = timedelta(hours=1)


class Deliveries:
    """Counts attempts; the first so many fail, or wait for `answer`."""

    def __init__(self, failing: int = 0) -> None:
        self.attempts: list[bool] = []
        self.failing = failing
        self.answer = asyncio.Event()
        self.answer.set()

    async def deliver(
        self, _: object, effect: Claimed, __: WarRoom | None
    ) -> tuple[Recording, ...]:
        self.attempts.append(effect.uncertain)
        await self.answer.wait()
        if len(self.attempts) <= self.failing:
            raise PassingError("away")
        return ()


def _outbox(engine: Engine, deliveries: Deliveries, steady: Callable[[], float]) -> Outbox:
    kind = replace(PUBLISH_HOME, deliver=deliveries.deliver)
    return Outbox(engine, Kinds([kind]), {kind.destination.name: deliveries}, steady)


async def _given(engine: Engine) -> None:
    await engine.deliver(Effect(kind=PUBLISH_HOME.name, lane="home:U1", payload={"user": "U1"}))


async def _ended(outbox: Outbox) -> None:
    await asyncio.gather(*(task for _, task, _ in outbox._running.values()))  # noqa: SLF001 - nothing else says so


def test_time_that_passes_is_no_step(clock: HandClock) -> None:
    steady = [0.0]
    steps = ClockJumps(clock, lambda: steady[0])
    clock.move(HOUR)
    steady[0] += 3600
    assert steps.step() == timedelta(0)
    clock.move(HOUR)
    assert steps.step() == steps.step() == HOUR
    steps.handled(HOUR)
    assert not steps.leases_trustworthy(LEASE)
    steady[0] += LEASE.total_seconds()
    clock.move(LEASE)
    assert steps.step() == timedelta(0)
    assert steps.leases_trustworthy(LEASE)
    clock.move(-HOUR)
    assert steps.step() == -HOUR


async def test_a_clock_set_ahead_takes_no_effect_from_whoever_delivers_it(
    engine: Engine, clock: HandClock
) -> None:
    steady = [0.0]
    first, second = Deliveries(), Deliveries()
    first.answer.clear()
    replicas = [_outbox(engine, deliveries, lambda: steady[0]) for deliveries in (first, second)]
    await _given(engine)
    assert await replicas[0].sweep() == 1
    clock.move(HOUR)
    assert await replicas[1].sweep() == 0
    steady[0] += LEASE.total_seconds() - 1
    clock.move(LEASE - timedelta(seconds=1))
    assert await replicas[1].sweep() == 0
    steady[0] += 1
    clock.move(timedelta(seconds=1))
    assert await replicas[1].sweep() == 1  # by now the first one is past its own time-out
    await _ended(replicas[1])
    assert second.attempts == [True]
    first.answer.set()
    await _ended(replicas[0])


async def test_a_clock_set_back_lets_nothing_wait_that_much_longer(
    engine: Engine, clock: HandClock
) -> None:
    steady = [0.0]
    deliveries = Deliveries(failing=1)
    outbox = _outbox(engine, deliveries, lambda: steady[0])
    await _given(engine)
    assert await outbox.sweep() == 1
    await _ended(outbox)
    clock.move(-HOUR)
    assert await outbox.sweep() == 0
    clock.move(timedelta(seconds=5))
    steady[0] += 5
    assert await outbox.sweep() == 1
    await _ended(outbox)
    assert deliveries.attempts == [False, False]


async def test_a_clock_set_back_takes_no_effect_from_whoever_delivers_it(
    engine: Engine, clock: HandClock
) -> None:
    steady = [0.0]
    first = Deliveries()
    first.answer.clear()
    others = [Deliveries(), Deliveries()]
    replicas = [_outbox(engine, each, lambda: steady[0]) for each in (first, *others)]
    await _given(engine)
    assert await replicas[0].sweep() == 1
    clock.move(-HOUR)
    for replica in replicas:
        assert await replica.sweep() == 0
    steady[0] += 5
    clock.move(timedelta(seconds=5))
    for replica in replicas[1:]:
        assert await replica.sweep() == 0
    first.answer.set()
    await _ended(replicas[0])
    assert [each.attempts for each in others] == [[], []]


async def test_what_is_under_way_is_not_superseded_after_a_step(
    engine: Engine, clock: HandClock
) -> None:
    """The older update may arrive last."""
    first, second = Deliveries(), Deliveries()
    first.answer.clear()
    replicas = [_outbox(engine, each, lambda: 0.0) for each in (first, second)]
    await _given(engine)
    assert await replicas[0].sweep() == 1
    await _given(engine)
    clock.move(HOUR)
    assert await replicas[1].sweep() == 0
    first.answer.set()
    await _ended(replicas[0])


async def test_a_step_that_could_not_be_dealt_with_is_dealt_with_later(clock: HandClock) -> None:
    steps = ClockJumps(clock, lambda: 0.0)
    clock.move(-HOUR)
    assert steps.step() == steps.step() == -HOUR
    steps.handled(-HOUR)
    assert steps.step() == timedelta(0)


def test_a_step_is_noticed_before_it_can_end_a_lease_under_a_delivery() -> None:
    assert LEASE - timedelta(seconds=TIMEOUT_SECONDS) > STEP

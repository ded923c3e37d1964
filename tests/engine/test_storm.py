"""Storms, committed: when rooms gather, what joins them, what leaves them, and races for them."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain import commands as c
from bot.domain import war_room
from bot.domain.effects import EffectKind
from bot.domain.events import Split
from bot.domain.fold import fold
from bot.domain.lifecycle import Step
from bot.domain.policy import StormRule
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator
from bot.domain.war_room import TIMEOUT, State, Verdict, WarRoom
from bot.engine.engine import Engine, Receipt
from bot.engine.wakeups import Wakeups
from bot.storage import tables as t
from bot.storage.database import Database
from tests.build import ADA, EVE, JUDE, POLICY, VAL, report
from tests.conftest import HandClock

LIMIT, PERIOD = POLICY.storm.rooms, POLICY.storm.within
MOMENT = timedelta(microseconds=1)


async def _come(engine: Engine, *numbers: int, initiator: str = ADA) -> list[Receipt]:
    """Violations with a key each, one after another."""
    return [
        await engine.report(report(dedup_key=f"key {n}"), initiator, "violations", f"d{n}")
        for n in numbers
    ]


async def _storm(engine: Engine, more: int = 3) -> WarRoom:
    """The room that gathers `more` violations past the limit."""
    return (await _come(engine, *range(LIMIT + more)))[-1].room


def _there(engine: Engine, room_id: str) -> WarRoom:
    room = engine.store.room(room_id)
    assert room
    assert fold(engine.store.record(room_id)) == room
    return room


def _of(engine: Engine, receipt: Receipt) -> WarRoom:
    room = engine.store.room_of_violation(receipt.violation_id)
    assert room
    return room


async def _set_apart(engine: Engine, room: WarRoom, violation_id: str) -> WarRoom:
    answer = await engine.handle(room.id, c.Split(violation_id=violation_id), VAL)
    assert isinstance(answer, Step), answer
    event = answer.events[-1].event
    assert isinstance(event, Split)
    return _there(engine, event.to)


async def test_past_the_limit_violations_of_one_policy_gather_in_one_room(engine: Engine) -> None:
    receipts = await _come(engine, *range(LIMIT + 5))
    assert len({receipt.room.id for receipt in receipts}) == LIMIT + 1
    assert not any(receipt.room.is_storm for receipt in receipts[:LIMIT])
    assert {receipt.room.id for receipt in receipts[LIMIT:]} == {receipts[-1].room.id}
    room = _there(engine, receipts[-1].room.id)
    assert room.is_storm
    assert [each.id for each in room.violations] == [each.violation_id for each in receipts[LIMIT:]]


@pytest.mark.parametrize("number", [2, 30])
async def test_the_limit_is_the_policys_and_another_policys_rooms_do_not_count(
    database: Database, clock: HandClock, number: int
) -> None:
    mine = POLICY.model_copy(update={"storm": StormRule(rooms=number)})
    other = POLICY.model_copy(update={"id": "model-export"})
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, {mine.id: mine, other.id: other}, clock, wakeups)
    await engine.start()
    away = [
        await engine.report(report(policy=other.id, dedup_key=f"o{n}"), ADA, "violations", f"o{n}")
        for n in range(LIMIT)
    ]
    receipts = await _come(engine, *range(number + 3))
    await asyncio.to_thread(engine.stop)
    assert not any(receipt.room.is_storm for receipt in (*away, *receipts[:number]))
    assert all(receipt.room.is_storm for receipt in receipts[number:])


async def test_the_limit_is_exact_for_reports_that_come_at_once(engine: Engine) -> None:
    numbers = list(range(120))
    receipts = await asyncio.gather(*(_come(engine, n) for n in numbers))
    rooms = Counter(receipt.room.id for [receipt] in receipts)
    assert len(rooms) == LIMIT + 1
    assert max(rooms.values()) == len(numbers) - LIMIT


@pytest.mark.only_on("postgresql", reason="on SQLite there is one process")
async def test_two_processes_gather_one_storm_in_one_room(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    theirs = Database(database.url.render_as_string(hide_password=False))
    other = Engine(theirs, engine.policies, clock, Wakeups(asyncio.get_running_loop()))
    receipts = await asyncio.gather(*(_come((engine, other)[n % 2], n) for n in range(80)))
    await asyncio.to_thread(other.stop)
    theirs.dispose()
    assert len({receipt.room.id for [receipt] in receipts}) == LIMIT + 1
    storm = next(receipt.room.id for [receipt] in receipts if receipt.room.is_storm)
    assert len(_there(engine, storm).violations) == 80 - LIMIT


async def test_rooms_that_were_opened_before_the_period_do_not_count(
    engine: Engine, clock: HandClock
) -> None:
    await _come(engine, *range(LIMIT))
    clock.move(PERIOD)
    assert not any(receipt.room.is_storm for receipt in await _come(engine, *range(20, 30)))


async def test_a_storm_goes_on_until_none_came_for_the_period_and_then_rooms_open_again(
    engine: Engine, clock: HandClock
) -> None:
    storm = await _storm(engine)
    for number in (20, 21, 22):
        clock.move(PERIOD - MOMENT)
        [receipt] = await _come(engine, number)
        assert receipt.room.id == storm.id
    clock.move(PERIOD)
    [receipt] = await _come(engine, 23)
    assert not receipt.room.is_storm
    [again] = await _come(engine, 24)
    assert again.room.id not in {storm.id, receipt.room.id}


async def test_the_key_of_a_gathered_violation_joins_it_even_when_the_storm_is_over(
    engine: Engine, clock: HandClock
) -> None:
    storm = await _storm(engine)
    clock.move(2 * PERIOD)
    same = await engine.report(report(dedup_key=f"key {LIMIT}"), ADA, "violations", "again")
    assert same.room.id == storm.id
    own = await engine.report(report(dedup_key="key 0"), ADA, "violations", "own")
    assert not own.room.is_storm


@pytest.mark.parametrize("swept", [False, True])
async def test_a_storms_room_that_expires_while_it_goes_on_is_followed_by_the_next(
    database: Database, clock: HandClock, *, swept: bool
) -> None:
    short = POLICY.model_copy(update={"window": 1.5 * PERIOD})
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, {short.id: short}, clock, wakeups)
    await engine.start()
    first = await _storm(engine)
    clock.move(0.9 * PERIOD)
    await _come(engine, 40)
    clock.move(0.6 * PERIOD)
    if swept:
        assert await engine.tick(first.id)
    [receipt] = await _come(engine, 50)
    assert receipt.room.is_storm
    assert receipt.room.id != first.id
    expired = _there(engine, first.id)
    assert expired.decision
    assert expired.decision.by == TIMEOUT
    await asyncio.to_thread(engine.stop)


async def test_after_a_decision_the_storm_that_goes_on_gathers_in_another_room(
    engine: Engine, clock: HandClock
) -> None:
    storm = await _storm(engine)
    clock.move(0.9 * PERIOD)
    await _come(engine, 40)
    clock.move(0.9 * PERIOD)
    await engine.handle(storm.id, c.Reject(reason="No."), JUDE)
    [first], [second] = await _come(engine, 50), await _come(engine, 51)
    assert first.room.is_storm
    assert first.room.id == second.room.id != storm.id


async def test_a_full_room_is_followed_by_another_also_when_something_left_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(war_room, "GATHERS_MOST", 4)
    receipts = await _come(engine, *range(LIMIT + 9))
    sizes = Counter(receipt.room.id for receipt in receipts[LIMIT:])
    assert sorted(sizes.values()) == [1, 4, 4]
    first = _there(engine, receipts[LIMIT].room.id)
    await _set_apart(engine, first, first.violations[0].id)
    [late] = await _come(engine, 50)
    assert late.room.id == receipts[-1].room.id
    same = await engine.report(report(dedup_key=f"key {LIMIT + 1}"), ADA, "violations", "again")
    assert same.room.id == first.id


async def test_all_of_a_storm_is_settled_by_one_decision(engine: Engine) -> None:
    receipts = await _come(engine, *range(LIMIT + 20))
    await engine.handle(receipts[-1].room.id, c.Approve(), VAL)
    for receipt in receipts[LIMIT:]:
        assert _of(engine, receipt).verdict is Verdict.ALLOW
    for receipt in receipts[:LIMIT]:
        assert _of(engine, receipt).verdict is Verdict.PENDING


async def test_one_set_apart_is_decided_by_itself_in_a_room_with_its_own_window(
    engine: Engine, clock: HandClock
) -> None:
    receipts = await _come(engine, *range(LIMIT + 5))
    storm = receipts[-1].room
    clock.move(POLICY.window / 2)
    apart = await _set_apart(engine, storm, receipts[LIMIT + 2].violation_id)
    assert not apart.is_storm
    assert [each.id for each in apart.violations] == [receipts[LIMIT + 2].violation_id]
    assert (apart.initiators, apart.expires_at) == ((ADA,), clock() + POLICY.window)
    assert apart.policy_digest == storm.policy_digest
    assert len(_there(engine, storm.id).violations) == 4
    await engine.handle(apart.id, c.Reject(reason="Not this one."), JUDE)
    await engine.handle(storm.id, c.Approve(), VAL)
    verdicts = [_of(engine, receipt).verdict for receipt in receipts[LIMIT:]]
    assert [verdict is Verdict.BLOCK for verdict in verdicts] == [False, False, True, False, False]


async def test_those_with_one_key_are_set_apart_together_and_later_ones_follow_them(
    engine: Engine,
) -> None:
    storm = await _storm(engine)
    key = report(dedup_key=f"key {LIMIT}")
    twin = await engine.report(key, EVE, "violations", "twin")
    apart = await _set_apart(engine, storm, twin.violation_id)
    assert len(apart.violations) == 2
    assert set(apart.initiators) == {ADA, EVE}
    assert _of(engine, twin).id == apart.id
    again = await engine.report(key, EVE, "violations", "twin")
    assert (again.duplicate, again.room.id) == (True, apart.id)
    assert (await engine.report(key, ADA, "violations", "third")).room.id == apart.id


async def test_what_is_set_apart_joins_the_room_that_has_its_key_by_then(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    storm = await _storm(engine)
    twin = storm.violations[0]
    with database.write.begin() as connection:  # as if two processes had taken the key in at once
        unseen = t.violations.update().where(t.violations.c.id == twin.id)
        connection.execute(unseen.values(gathered_key=None))
    clock.move(PERIOD)
    own = (await engine.report(twin.report, EVE, "violations", "own")).room
    assert not own.is_storm
    apart = await _set_apart(engine, storm, twin.id)
    assert apart.id == own.id
    assert (len(apart.violations), apart.initiators) == (2, (EVE, ADA))
    assert apart.expires_at == own.expires_at


async def test_from_the_deadline_on_nothing_is_set_apart(engine: Engine, clock: HandClock) -> None:
    storm = await _storm(engine)
    clock.move(POLICY.window)
    refusal = await engine.handle(storm.id, c.Split(violation_id=storm.violations[1].id), VAL)
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.LAPSED


async def test_of_a_decision_and_a_setting_apart_at_once_one_is_first_and_nothing_is_lost(
    engine: Engine,
) -> None:
    receipts = await _come(engine, *range(LIMIT + 5))
    storm = receipts[-1].room
    orders = [
        engine.handle(storm.id, c.Approve(), VAL),
        *(
            engine.handle(storm.id, c.Split(violation_id=receipt.violation_id), VAL)
            for receipt in receipts[LIMIT : LIMIT + 2]
            for _ in range(2)
        ),
    ]
    await asyncio.gather(*orders)
    assert _there(engine, storm.id).state is State.DECIDED
    rooms = [_of(engine, receipt) for receipt in receipts[LIMIT:]]
    for receipt, room in zip(receipts[LIMIT:], rooms, strict=True):
        assert receipt.violation_id in {each.id for each in room.violations}
        assert fold(engine.store.record(room.id)) == room


async def test_an_address_that_many_of_a_storm_name_is_asked_for_once(
    engine: Engine, database: Database
) -> None:
    await _come(engine, *range(LIMIT))
    who = Initiator(email="lost@acme.test")
    for number in range(20, 40):
        key = f"key {number}"
        one = report(dedup_key=key, initiator=who)
        storm = (await engine.report(one, None, "violations", key)).room
    question = select(t.effects.c.id).where(
        t.effects.c.room_id == storm.id, t.effects.c.kind == EffectKind.IDENTIFY.value
    )
    with database.read.connect() as connection:
        assert len(connection.execute(question).all()) == 1
    found = c.IdentifyInitiator(violation_id=storm.violation.id, user=EVE)
    await engine.handle(storm.id, found, war_room.SYSTEM)
    named = _there(engine, storm.id)
    assert (named.unidentified, named.initiators) == ((), (EVE,))
    assert len(named.initiator_of) == 20

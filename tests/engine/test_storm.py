"""Storms, committed: when rooms gather, what joins them, what leaves them, and races for them."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain import commands as c
from bot.domain import war_room
from bot.domain.aggregate import Step
from bot.domain.events import Split
from bot.domain.fold import fold
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM, TIMEOUT, Person
from bot.domain.policy import StormRule
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator, Success
from bot.domain.war_room import State, Verdict, WarRoom
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.engine.wakeups import Wakeups
from bot.integrations.slack.kinds import IDENTIFY
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.transaction import Stream
from tests.build import APPROVE, EVE, POLICY, acting, ada, config, eve, jude, report, val
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING

LIMIT, PERIOD = POLICY.storm.rooms, POLICY.storm.within
MOMENT = timedelta(microseconds=1)


async def _come(engine: Engine, *numbers: int, initiator: Person = ada) -> list[Receipt]:
    """Violations with a key each, one after another."""
    return [
        await engine.report(
            report(dedup_key=f"key {n}", initiator=Initiator(slack=initiator.slack)),
            "violations",
            f"d{n}",
        )
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


def _ids(engine: Engine, room: WarRoom) -> set[str]:
    found = engine.store.violations_in(room.id, 1000)
    assert len(found) == room.count
    return {violation.id for violation in found}


def _of(engine: Engine, receipt: Receipt) -> WarRoom:
    room = engine.store.room_of_violation(receipt.violation_id)
    assert room
    return room


async def _set_apart(engine: Engine, room: WarRoom, violation_id: str) -> WarRoom:
    answer = await engine.handle(room.id, c.Split(violation_id=violation_id), acting(val.name))
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
    assert _ids(engine, room) == {receipt.violation_id for receipt in receipts[LIMIT:]}
    assert room.count == 5


@pytest.mark.parametrize("number", [2, 30])
async def test_the_limit_is_the_policys_and_another_policys_rooms_do_not_count(
    database: Database, clock: HandClock, number: int
) -> None:
    mine = POLICY.model_copy(update={"storm": StormRule(rooms=number)})
    other = POLICY.model_copy(update={"id": "model-export"})
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(mine, other), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    away = [
        await engine.report(report(policy=other.id, dedup_key=f"o{n}"), "violations", f"o{n}")
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
    other = Engine(theirs, engine.config, clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    receipts = await asyncio.gather(*(_come((engine, other)[n % 2], n) for n in range(80)))
    await asyncio.to_thread(other.stop)
    theirs.dispose()
    assert len({receipt.room.id for [receipt] in receipts}) == LIMIT + 1
    storm = next(receipt.room.id for [receipt] in receipts if receipt.room.is_storm)
    assert _there(engine, storm).count == 80 - LIMIT


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
    same = await engine.report(report(dedup_key=f"key {LIMIT}"), "violations", "again")
    assert same.room.id == storm.id
    own = await engine.report(report(dedup_key="key 0"), "violations", "own")
    assert not own.room.is_storm


@pytest.mark.parametrize("swept", [False, True])
async def test_a_storms_room_that_expires_while_it_goes_on_is_followed_by_the_next(
    database: Database, clock: HandClock, *, swept: bool
) -> None:
    short = POLICY.model_copy(update={"window": 1.5 * PERIOD})
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(short), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    first = await _storm(engine)
    clock.move(0.9 * PERIOD)
    await _come(engine, 40)
    clock.move(0.6 * PERIOD)
    if swept:
        assert await engine.tick(Stream(WAR_ROOM.kind, first.id))
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
    await engine.handle(storm.id, c.Reject(reason="No."), acting(jude.name))
    [first], [second] = await _come(engine, 50), await _come(engine, 51)
    assert first.room.is_storm
    assert first.room.id == second.room.id != storm.id


async def test_a_full_room_is_followed_by_another_also_when_something_left_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(war_room, "STORM_MOST", 4)
    receipts = await _come(engine, *range(LIMIT + 9))
    sizes = Counter(receipt.room.id for receipt in receipts[LIMIT:])
    assert sorted(sizes.values()) == [1, 4, 4]
    first = _there(engine, receipts[LIMIT].room.id)
    await _set_apart(engine, first, first.violation.id)
    [late] = await _come(engine, 50)
    assert late.room.id == receipts[-1].room.id
    same = await engine.report(report(dedup_key=f"key {LIMIT + 1}"), "violations", "again")
    assert same.room.id == first.id


async def test_all_of_a_storm_is_settled_by_one_decision(engine: Engine) -> None:
    receipts = await _come(engine, *range(LIMIT + 20))
    await engine.handle(receipts[-1].room.id, APPROVE, acting(val.name))
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
    assert _ids(engine, apart) == {receipts[LIMIT + 2].violation_id}
    assert (apart.initiators, apart.expires_at) == ((ada.name,), clock() + POLICY.window)
    assert apart.policy_digest == storm.policy_digest
    assert _there(engine, storm.id).count == 4
    await engine.handle(apart.id, c.Reject(reason="Not this one."), acting(jude.name))
    await engine.handle(storm.id, APPROVE, acting(val.name))
    verdicts = [_of(engine, receipt).verdict for receipt in receipts[LIMIT:]]
    assert [verdict is Verdict.BLOCK for verdict in verdicts] == [False, False, True, False, False]


async def test_those_with_one_key_are_set_apart_together_and_later_ones_follow_them(
    engine: Engine,
) -> None:
    storm = await _storm(engine)
    key = report(dedup_key=f"key {LIMIT}")
    hers = report(dedup_key=f"key {LIMIT}", initiator=Initiator(slack=EVE))
    twin = await engine.report(hers, "violations", "twin")
    apart = await _set_apart(engine, storm, twin.violation_id)
    assert apart.count == 2
    assert set(apart.initiators) == {ada.name, eve.name}
    assert _of(engine, twin).id == apart.id
    again = await engine.report(hers, "violations", "twin")
    assert (again.duplicate, again.room.id) == (True, apart.id)
    assert (await engine.report(key, "violations", "third")).room.id == apart.id


async def test_what_is_set_apart_joins_the_room_that_has_its_key_by_then(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    storm = await _storm(engine)
    twin = storm.violation
    answer = t.answers.update().where(t.answers.c.violation_id == twin.id)
    with database.write.begin() as connection:  # as if two processes had taken the key in at once
        connection.execute(answer.values(gathered_key="not seen yet"))
    clock.move(PERIOD)
    hers = twin.report.but(initiator=Initiator(slack=EVE))
    own = (await engine.report(hers, "violations", "own")).room
    assert not own.is_storm
    with database.write.begin() as connection:
        connection.execute(answer.values(gathered_key=twin.report.key))
    apart = await _set_apart(engine, storm, twin.id)
    assert apart.id == own.id
    assert (apart.count, apart.initiators) == (2, (eve.name, ada.name))
    assert apart.expires_at == own.expires_at


async def test_from_the_deadline_on_nothing_is_set_apart(engine: Engine, clock: HandClock) -> None:
    storm = await _storm(engine)
    clock.move(POLICY.window)
    refusal = await engine.handle(storm.id, c.Split(violation_id=storm.newest.id), acting(val.name))
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.LAPSED


async def test_of_a_decision_and_a_setting_apart_at_once_one_is_first_and_nothing_is_lost(
    engine: Engine,
) -> None:
    receipts = await _come(engine, *range(LIMIT + 5))
    storm = receipts[-1].room
    orders = [
        engine.handle(storm.id, APPROVE, acting(val.name)),
        *(
            engine.handle(storm.id, c.Split(violation_id=receipt.violation_id), acting(val.name))
            for receipt in receipts[LIMIT : LIMIT + 2]
            for _ in range(2)
        ),
    ]
    await asyncio.gather(*orders)
    assert _there(engine, storm.id).state is State.DECIDED
    rooms = [_of(engine, receipt) for receipt in receipts[LIMIT:]]
    for receipt, room in zip(receipts[LIMIT:], rooms, strict=True):
        assert receipt.violation_id in _ids(engine, room)
        assert fold(engine.store.record(room.id)) == room


async def test_an_address_that_many_of_a_storm_name_is_asked_for_once(
    engine: Engine, database: Database
) -> None:
    await _come(engine, *range(LIMIT))
    who = Initiator(email="lost@acme.test")
    for number in range(20, 40):
        key = f"key {number}"
        one = report(dedup_key=key, initiator=who)
        storm = (await engine.report(one, "violations", key)).room
    question = select(t.effects.c.id).where(
        t.effects.c.stream_id == storm.id, t.effects.c.kind == IDENTIFY.name
    )
    with database.read.connect() as connection:
        assert len(connection.execute(question).all()) == 1
    found = c.IdentifyInitiator(account="email:lost@acme.test", persons=(eve,))
    await engine.handle(storm.id, found, BY_SYSTEM)
    named = _there(engine, storm.id)
    assert (named.awaited, named.initiators) == ((), (eve.name,))


async def test_a_success_reaches_the_storm_that_holds_its_key_and_the_room_that_it_is_set_apart_in(
    engine: Engine,
) -> None:
    storm = await _storm(engine)
    success = Success(key=f"key {LIMIT + 1}", check="Guardrails", at=engine.now())
    told = await engine.succeeded(POLICY.id, success, "s1")
    assert isinstance(told, Step)
    assert told.after.id == storm.id
    assert _there(engine, storm.id).successes == (success,)
    again = await engine.succeeded(POLICY.id, success, "s1")
    assert isinstance(again, Step)
    assert again.events == ()
    held = engine.store.violations_in(storm.id, 10)
    of_it = next(each.id for each in held if each.report.key == success.key)
    apart = await _set_apart(engine, _there(engine, storm.id), of_it)
    assert apart.fixed == success
    unknown = success.but(key="of nobody")
    assert await engine.succeeded(POLICY.id, unknown, "s2") is None
    elsewhere = await engine.succeeded("model-export", success, "s3")
    assert elsewhere is None, "another policy's room is none of its business"


async def test_a_failure_and_its_success_at_once_meet_in_one_commit(engine: Engine) -> None:
    success = Success(key="key 0", check="Guardrails", at=engine.now())
    receipts, told = await asyncio.gather(
        _come(engine, 0), engine.succeeded(POLICY.id, success, "s1")
    )
    assert told is None or (isinstance(told, Step) and told.after.id == receipts[0].room.id)

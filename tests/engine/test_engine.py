"""Commands, committed: idempotence, deduplication, races, the record."""

import asyncio
import random
from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.fold import fold
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import TIMEOUT
from bot.domain.policy import Role
from bot.domain.refusal import Refusal
from bot.domain.war_room import Outcome, State
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.engine.wakeups import Wakeups
from bot.storage.database import Database
from bot.storage.transaction import Stream
from tests.build import APPROVE, POLICY, acting, ada, config, jude, report, val, viv
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING


async def _report(engine: Engine, delivery: str = "d1", **fields: object) -> Receipt:
    return await engine.report(report(**fields), "violations", delivery)


async def test_the_same_delivery_gives_the_same_answer(engine: Engine) -> None:
    first, second = await _report(engine), await _report(engine)
    assert second == Receipt(first.violation_id, first.answers, duplicate=True)


async def test_fifty_identical_reports_at_once_open_one_room(engine: Engine) -> None:
    receipts = await asyncio.gather(*(_report(engine, f"d{n}") for n in range(50)))
    assert len({receipt.room.id for receipt in receipts}) == 1
    assert len({receipt.violation_id for receipt in receipts}) == 50
    room = engine.store.room(receipts[0].room.id)
    assert room
    assert room.count == 50


async def test_fifty_deliveries_of_one_id_at_once_are_one_violation(engine: Engine) -> None:
    receipts = await asyncio.gather(*(_report(engine) for _ in range(50)))
    assert len({receipt.violation_id for receipt in receipts}) == 1
    assert sum(not receipt.duplicate for receipt in receipts) == 1


async def test_a_new_violation_with_the_key_of_a_decided_room_opens_another(engine: Engine) -> None:
    first = await _report(engine)
    await engine.handle(first.room.id, APPROVE, acting(val.name))
    second = await _report(engine, "d2")
    assert second.room.id != first.room.id


async def test_a_room_past_its_deadline_expires_before_anything_joins_it(
    engine: Engine, clock: HandClock
) -> None:
    first = await _report(engine)
    clock.move(POLICY.window)
    second = await _report(engine, "d2")
    assert second.room.id != first.room.id
    expired = engine.store.room(first.room.id)
    assert expired
    assert expired.decision
    assert (expired.decision.outcome, expired.decision.by) == (Outcome.EXPIRED, TIMEOUT)


async def test_of_many_decisions_at_once_one_wins(engine: Engine) -> None:
    room_id = (await _report(engine)).room.id
    orders: list[tuple[c.Command, str]] = [
        (APPROVE, val.name),
        (c.Reject(reason="The data may not be used."), jude.name),
        (c.Withdraw(), ada.name),
        (c.Dismiss(reason="Synthetic."), viv.name),
    ]
    answers = await asyncio.gather(
        *(engine.handle(room_id, command, acting(actor)) for command, actor in orders * 5)
    )
    assert sum(isinstance(answer, Step) for answer in answers) == 1
    assert [event.event.kind for event in engine.store.record(room_id)].count("decided") == 1


async def test_a_click_that_races_the_timer_gives_one_decision_by_the_deadline(
    engine: Engine, clock: HandClock
) -> None:
    room_id = (await _report(engine)).room.id
    clock.move(POLICY.window)
    answers = await asyncio.gather(
        engine.handle(room_id, APPROVE, acting(val.name)),
        engine.tick(Stream(WAR_ROOM.kind, room_id)),
        engine.handle(room_id, c.Reject(reason="No."), acting(jude.name)),
    )
    assert isinstance(answers[0], Refusal)
    assert isinstance(answers[2], Refusal)
    room = engine.store.room(room_id)
    assert room
    assert room.decision
    assert room.decision.outcome is Outcome.EXPIRED


@pytest.mark.only_on("postgresql", reason="on SQLite there is one process, and one queue")
async def test_two_processes_on_one_database_agree_on_one_decision(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    room_id = (await _report(engine)).room.id
    wakeups = Wakeups(asyncio.get_running_loop())
    theirs = Database(database.url.render_as_string(hide_password=False))
    other = Engine(theirs, engine.config, clock, wakeups, FOLLOWING)
    answers = await asyncio.gather(
        *(each.handle(room_id, APPROVE, acting(val.name)) for each in (engine, other) * 10)
    )
    await asyncio.to_thread(other.stop)
    theirs.dispose()
    assert sum(isinstance(answer, Step) for answer in answers) == 1


async def test_the_fold_of_a_rooms_events_is_its_row(engine: Engine, clock: HandClock) -> None:
    room_id = (await _report(engine)).room.id
    await engine.handle(room_id, c.Acknowledge(), acting(val.name))
    clock.move(timedelta(minutes=125))
    await engine.tick(Stream(WAR_ROOM.kind, room_id))
    await engine.handle(room_id, c.HandOff(role=Role.VALIDATOR, to=viv), acting(val.name))
    await _report(engine, "d2")
    await engine.handle(room_id, c.Approve(reason="Within policy."), acting(viv.name))
    room = engine.store.room(room_id)
    assert room
    assert fold(engine.store.record(room_id)) == room
    assert room.state is State.DECIDED


async def test_one_bad_order_fails_alone(engine: Engine) -> None:
    room_id = (await _report(engine)).room.id
    answers = await asyncio.gather(
        engine.handle(room_id, c.Acknowledge(), acting(val.name)),
        engine.handle("no-such-room", c.Acknowledge(), acting(val.name)),
        engine.handle(room_id, c.Acknowledge(), acting(jude.name)),
        return_exceptions=True,
    )
    assert [type(answer).__name__ for answer in answers] == ["Step", "UnknownRoomError", "Step"]


async def test_a_room_keeps_the_policy_it_was_opened_under(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    room_id = (await _report(engine)).room.id
    longer = POLICY.model_copy(update={"window": timedelta(hours=9), "title": "Changed"})
    later = Engine(database, config(longer), clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await later.start("tests")
    answer = await later.handle(room_id, APPROVE, acting(val.name))
    later.stop()
    assert isinstance(answer, Step)
    assert answer.after.decision
    assert answer.after.decision.policy_digest == POLICY.digest
    assert later.rules_of(answer.after).policy.title == POLICY.title


async def test_many_deliveries_in_any_order_at_once_are_all_stored(roomy: Engine) -> None:
    wanted = [number for number in range(60) for _ in range(6)]
    random.Random(7).shuffle(wanted)
    receipts = await asyncio.gather(
        *(_report(roomy, f"d{number}", dedup_key=f"k{number}") for number in wanted)
    )
    assert len({receipt.room.id for receipt in receipts}) == 60
    assert sum(not receipt.duplicate for receipt in receipts) == 60


async def test_what_names_no_thing_joins_only_by_title_and_initiator(engine: Engine) -> None:
    origin = {"environment": "production"}

    async def room(number: int, title: str) -> str:
        fields = {"dedup_key": None, "title": title, "origin": origin}
        return (await _report(engine, f"d{number}", **fields)).room.id

    assert await room(1, "one") == await room(2, "one")
    assert await room(3, "another") != await room(4, "one")

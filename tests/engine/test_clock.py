"""The clock: rows, not memory. Time is moved by hand and by freezegun; nobody sleeps."""

import asyncio
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from sqlalchemy import delete, insert, select, update

from bot.domain import reported as r
from bot.domain.exception_life import EXCEPTION
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import SYSTEM, TIMEOUT
from bot.domain.readers import readable_since
from bot.domain.war_room import Outcome
from bot.engine.aggregates import TIMERS
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.outbox.lateness import Due, health
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Stream
from tests.build import APPROVE, POLICY, START, acting, report, val
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING, KINDS


def _kinds(engine: Engine, room_id: str) -> list[str]:
    return [recorded.event.kind for recorded in engine.store.record(room_id)]


async def _room(engine: Engine) -> str:
    return (await engine.report(report(), "violations", "d1")).room.id


async def _read(engine: Engine, room_id: str) -> datetime | None:
    """Since when the result of a room can be read, with everybody in its channel from now on."""
    room = engine.store.room(room_id)
    assert room
    for command in (r.RecordInvited(names=room.invited), r.RecordResult()):
        await engine.handle(room_id, command, acting(SYSTEM))
    room = engine.store.room(room_id)
    assert room
    return readable_since(room)


async def test_a_sweep_fires_what_is_due_and_no_more(engine: Engine, clock: HandClock) -> None:
    room_id = await _room(engine)
    sweep = Clock(engine).sweep
    assert await sweep() == 0
    for minutes, fired in ((60, 1), (0, 0), (60, 1), (96, 1), (23, 0), (1, 1), (60, 0)):
        clock.move(timedelta(minutes=minutes))
        assert await sweep() == fired, minutes
    assert _kinds(engine, room_id) == ["opened", *["escalated"] * 3, "decided"]


async def test_what_moves_no_timer_wakes_no_clock(engine: Engine) -> None:
    room_id, woken = await _room(engine), engine.wakeups.clock
    assert woken.is_set()
    woken.clear()
    await engine.handle(room_id, r.RecordChannel(channel="C1"), acting(SYSTEM))
    assert not woken.is_set()
    await engine.handle(room_id, APPROVE, acting(val.name))
    assert woken.is_set()


async def test_timers_that_are_not_as_they_should_be_are_mended_by_the_next_step(
    engine: Engine, database: Database
) -> None:
    room_id = await _room(engine)
    with database.write.begin() as connection:
        right = connection.execute(select(t.timers).order_by(t.timers.c.name)).all()
        first, *_ = right
        connection.execute(delete(t.timers).where(t.timers.c.name == first.name))
        late = first.due_at + timedelta(days=1)
        connection.execute(update(t.timers).values(due_at=late))
    await engine.handle(room_id, r.RecordChannel(channel="C1"), acting(SYSTEM))
    with database.read.connect() as connection:
        assert connection.execute(select(t.timers).order_by(t.timers.c.name)).all() == right


async def test_a_restart_across_the_deadline_expires_and_reminds_nobody(
    engine: Engine, database: Database
) -> None:
    with freeze_time(START, ignore=["threading", "asyncio"]):
        room_id = await _room(engine)
    with freeze_time(START + timedelta(days=3)) as frozen:
        wakeups = Wakeups(asyncio.get_running_loop())
        restarted = Engine(database, engine.config, lambda: datetime.now(UTC), wakeups, FOLLOWING)
        assert await Clock(restarted).sweep() == 1
        assert _kinds(restarted, room_id) == ["opened", "decided"]
        room = restarted.store.room(room_id)
        assert room
        assert room.decision
        assert room.decision.at == START + timedelta(days=3)
        assert await _read(restarted, room_id) == room.decision.at
        frozen.tick(POLICY.archive_after)
        assert await Clock(restarted).sweep() == 1
        assert _kinds(restarted, room_id)[-1] == "closed"
        restarted.stop()


async def test_two_clocks_fire_each_timer_once(roomy: Engine, clock: HandClock) -> None:
    rooms = [
        (await roomy.report(report(dedup_key=f"k{n}"), "violations", f"d{n}")).room.id
        for n in range(20)
    ]
    clock.move(POLICY.window)
    await asyncio.gather(Clock(roomy).sweep(), Clock(roomy).sweep())
    for room_id in rooms:
        assert _kinds(roomy, room_id) == ["opened", "decided"]


async def test_a_decision_leaves_nothing_for_the_deadline(engine: Engine, clock: HandClock) -> None:
    room_id = await _room(engine)
    await engine.handle(room_id, APPROVE, acting(val.name))
    clock.move(POLICY.window)
    assert await Clock(engine).sweep() == 0
    room = engine.store.room(room_id)
    assert room
    assert room.decision
    assert room.decision.outcome is Outcome.APPROVED


async def test_the_running_clock_wakes_by_itself(engine: Engine, clock: HandClock) -> None:
    room_id = await _room(engine)
    running = asyncio.create_task(Clock(engine).run())
    clock.move(POLICY.window)
    engine.wakeups.clock.set()
    async with asyncio.timeout(10):
        while True:
            room = engine.store.room(room_id)
            if room and room.decision:
                break
            await engine.wakeups.room_changed(room_id, 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert room.decision.by == TIMEOUT


async def test_the_clock_goes_on_by_itself_once_the_database_is_back(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    room_id = await _room(engine)
    gone = asyncio.Event()
    asked = engine.store.timers_due

    def away(now: datetime, kinds: tuple[str, ...]) -> list[Stream]:
        engine.store.timers_due = asked  # type: ignore[method-assign] # back again
        gone.set()
        raise DatabaseUnavailableError("away")

    engine.store.timers_due = away  # type: ignore[assignment, method-assign] # a moment without one
    running = asyncio.create_task(Clock(engine).run())
    await gone.wait()
    clock.move(POLICY.window)
    async with asyncio.timeout(10):
        while not ((room := engine.store.room(room_id)) and room.decision):
            await engine.wakeups.room_changed(room_id, 0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_timers_of_a_newer_version_are_left_to_it_and_make_nobody_late(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    """Its timers in a room that we know, and those of streams that we don't."""
    room_id = await _room(engine)
    ours = engine.store.next_timer(clock(), TIMERS)
    newer = {(WAR_ROOM.kind, room_id, "weigh"), ("covenant", "x1", "expire")}
    with database.write.begin() as connection:
        for stream_kind, stream_id, name in newer:
            row = {"stream_kind": stream_kind, "stream_id": stream_id, "name": name}
            connection.execute(insert(t.timers), {**row, "due_at": clock()})
    clock.move(timedelta(minutes=1))
    assert engine.store.next_timer(START, TIMERS) == ours
    assert engine.store.timers_due(clock(), TIMERS) == []
    assert engine.store.ask(lambda connection: health(connection, clock(), KINDS)).timers == Due()
    assert not await engine.tick(Stream(WAR_ROOM.kind, room_id))
    await engine.handle(room_id, APPROVE, acting(val.name))
    await _read(engine, room_id)
    columns = (t.timers.c.stream_kind, t.timers.c.stream_id, t.timers.c.name)
    left = engine.store.ask(lambda connection: connection.execute(select(*columns)).all())
    ours_left = {(WAR_ROOM.kind, room_id, "close"), (EXCEPTION.kind, room_id, "end")}
    assert {tuple(row) for row in left} == newer | ours_left

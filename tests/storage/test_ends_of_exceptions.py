"""An exception that an earlier version recorded gets a timer for its end."""

import asyncio
from datetime import UTC, datetime, timedelta
from importlib import import_module

from sqlalchemy import delete, select, text

from bot.domain import commands as c
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import Category
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage import migrations
from bot.storage import tables as t
from bot.storage.database import Database
from tests.build import JUSTIFICATION, POLICY, acting, config, jude, report
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING

MIGRATION = import_module("bot.storage.migrations.versions.0009_ends_of_exceptions")
WEEK = timedelta(days=7)


async def test_its_end_is_told_and_what_had_ended_before_is_not(database: Database) -> None:
    clock = HandClock(datetime.now(UTC) - 2 * WEEK)
    engine = Engine(database, config(POLICY), clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    rooms = []
    for number in (1, 2):
        new = report(dedup_key=f"k{number}")
        rooms.append((await engine.report(new, "violations", f"d{number}")).room.id)
        command = c.Override(
            justification=JUSTIFICATION, category=Category.WAIVER, validity=WEEK * 3 / 2
        )
        await engine.handle(rooms[-1], command, acting(jude.name))
        clock.move(WEEK)
    _as_before(database)
    over, holding = rooms
    with database.read.connect() as connection:
        timers = connection.execute(select(t.timers)).all()
    end = clock() + WEEK / 2
    assert [(timer.stream_id, timer.due_at) for timer in timers] == [
        (holding, end - timedelta(days=1))
    ]
    clock.move(WEEK)
    assert await Clock(engine).sweep() == 1
    kinds = {room: engine.store.record(room)[-1].event.kind for room in (over, holding)}
    assert kinds == {over: "decided", holding: "exception_ended"}
    await asyncio.to_thread(engine.stop)


def _as_before(database: Database) -> None:
    """Without the timers, and migrated then."""
    with database.write.begin() as connection:
        of_rooms = t.timers.c.stream_kind == WAR_ROOM.kind
        connection.execute(delete(t.timers).where(of_rooms))
        moved = text("UPDATE alembic_version SET version_num = :before")
        connection.execute(moved, {"before": MIGRATION.down_revision})
        migrations.upgrade_on(connection, MIGRATION.revision)

"""An exception that an earlier version recorded gets a timer for its end, in its room."""

import asyncio
from datetime import UTC, datetime, timedelta
from importlib import import_module

from sqlalchemy import delete, select, text

from bot.domain import commands as c
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import Category
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


async def test_what_holds_has_one_and_what_had_ended_before_has_none(database: Database) -> None:
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
    _, holding = rooms
    with database.read.connect() as connection:
        of_rooms = select(t.timers).where(t.timers.c.stream_kind == WAR_ROOM.kind)
        timers = connection.execute(of_rooms).all()
    end = clock() + WEEK / 2
    assert [(timer.stream_id, timer.due_at) for timer in timers] == [
        (holding, end - timedelta(days=1))
    ]
    await asyncio.to_thread(engine.stop)


def _as_before(database: Database) -> None:
    """Without the timers, and migrated then."""
    with database.write.begin() as connection:
        of_rooms = t.timers.c.stream_kind == WAR_ROOM.kind
        connection.execute(delete(t.timers).where(of_rooms))
        moved = text("UPDATE alembic_version SET version_num = :before")
        connection.execute(moved, {"before": MIGRATION.down_revision})
        migrations.upgrade_on(connection, MIGRATION.revision)

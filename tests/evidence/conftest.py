"""A record to be exported: what rooms, an exception and a cleared violation leave behind."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.conditions import Condition
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.policy import ClearRule
from bot.domain.war_room import Category
from bot.storage.database import Database
from bot.storage.transaction import Stream
from tests.build import APPROVE, JUSTIFICATION, POLICY, acting, ada, jude, report, val
from tests.conftest import HandClock, started
from tests.evidence.exporting import Written, written

RULE = ClearRule(
    id="internal",
    when=Condition(text='facts.?to.orValue("") == "internal"'),
    reason="Stays in the house.",
    owner=jude.name,
    until=datetime(2027, 6, 30, tzinfo=UTC),
    line=9,
)
RULED = POLICY.but(auto_clear=(RULE,))
OVERRIDE = c.Override(
    justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=14)
)


async def story(database: Database) -> None:
    """A violation is cleared, one approved, one overridden, one withdrawn, and one runs out."""
    clock = HandClock()
    async with started(database, clock, RULED) as engine:
        cleared = report(dedup_key="cleared", facts={"to": "internal", "share": 1.0})
        await engine.report(cleared, "violations", "cleared")
        for key, command, by in (
            ("approved", APPROVE, val),
            ("overridden", OVERRIDE, jude),
            ("withdrawn", c.Withdraw(note="I take it back."), ada),
        ):
            new = report(dedup_key=key, origin={"commit": key, "repository": "acme/ranker"})
            room = (await engine.report(new, "violations", key)).room
            assert isinstance(await engine.handle(room.id, command, acting(by.name)), Step)
        late = await engine.report(report(dedup_key="late"), "violations", "late")
        clock.move(timedelta(hours=5))
        assert await engine.tick(Stream(WAR_ROOM.kind, late.room.id))


@pytest.fixture(scope="session")
def record(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """What they leave behind."""
    file = tmp_path_factory.mktemp("record") / "record.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    asyncio.run(story(database))
    try:
        return written(database)
    finally:
        database.dispose()

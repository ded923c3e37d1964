"""What there was before on a subject, as a card says it: on both databases."""

import asyncio
from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import text

from bot.domain import commands as c
from bot.domain.earlier import MOST, EarlierRooms
from bot.domain.policy import StormRule
from bot.domain.war_room import Category, Outcome, WarRoom
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.earlier import earlier_rooms
from tests.build import JUSTIFICATION, POLICY, acting, config, jude, report
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING

MIGRATION = import_module("bot.storage.migrations.versions.0011_subjects")
RANKER = {"kind": "model", "name": "ranker"}
DAY = timedelta(days=1)


async def _come(engine: Engine, key: str, **subject: str) -> WarRoom:
    new = report(dedup_key=key, subject=subject or RANKER)
    return (await engine.report(new, "violations", key)).room


async def _decide(engine: Engine, room: WarRoom, command: c.Command) -> None:
    await engine.handle(room.id, command, acting(jude.name))


async def test_those_of_thirty_days_are_counted_and_the_last_decision_may_be_older(
    roomy: Engine, clock: HandClock
) -> None:
    override = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    await _decide(roomy, first := await _come(roomy, "1"), override)
    assert earlier_rooms(roomy.store, first) == EarlierRooms()
    clock.move(31 * DAY)
    second = await _come(roomy, "2", **RANKER, version="8")
    found = earlier_rooms(roomy.store, second)
    assert found.count == 0
    assert found.last
    assert found.last.id == first.id
    clock.move(DAY / 24)
    third = await _come(roomy, "3")
    found = earlier_rooms(roomy.store, third)
    assert (found.count, found.last and found.last.id) == (1, first.id)
    await _decide(roomy, second, c.Reject(reason="Not like this."))
    found = earlier_rooms(roomy.store, third)
    assert found.last
    assert found.last.decision
    assert found.last.decision.outcome is Outcome.REJECTED


async def test_what_was_decided_after_the_room_itself_was_not_before_it(
    roomy: Engine, clock: HandClock
) -> None:
    first = await _come(roomy, "1")
    clock.move(DAY / 24)
    second = await _come(roomy, "2")
    await _decide(roomy, second, c.Reject(reason="Not like this."))
    clock.move(DAY / 24)
    await _decide(roomy, first, c.Reject(reason="Nor like that."))
    decided = roomy.store.room(second.id)
    assert decided
    assert earlier_rooms(roomy.store, decided) == EarlierRooms(count=1)


@pytest.mark.parametrize(
    "subject",
    [
        {"kind": "model", "name": "churn"},
        {"kind": "dataset", "name": "ranker"},
        {"name": "ranker"},
        {"kind": "model", "digest": "sha256:abc"},
    ],
)
async def test_another_subject_is_another_matter_and_none_has_nothing_before_it(
    roomy: Engine, clock: HandClock, subject: dict[str, str]
) -> None:
    await _come(roomy, "1")
    clock.move(DAY)
    assert earlier_rooms(roomy.store, await _come(roomy, "2", **subject)) == EarlierRooms()
    clock.move(DAY)
    count = 2 if subject.get("name") else 1
    found = [earlier_rooms(roomy.store, await _come(roomy, "3")).count]
    clock.move(DAY)
    found.append(earlier_rooms(roomy.store, await _come(roomy, "4", **subject)).count)
    assert found == [1, count - 1]


async def test_another_policys_rooms_and_storms_are_no_part_of_it(
    database: Database, clock: HandClock
) -> None:
    mine = POLICY.but(storm=StormRule(rooms=2))
    other = POLICY.but(id="model-export")
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(mine, other), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    for_other = report(policy=other.id, dedup_key="0", subject=RANKER)
    await engine.report(for_other, "violations", "0")
    clock.move(DAY / 1000)
    rooms = [await _come(engine, key) for key in ("1", "2", "3")]
    assert [room.is_storm for room in rooms] == [False, False, True]
    assert earlier_rooms(engine.store, rooms[2]) == EarlierRooms()
    clock.move(DAY)
    assert earlier_rooms(engine.store, await _come(engine, "4")) == EarlierRooms(count=2)
    await asyncio.to_thread(engine.stop)


async def test_rooms_of_the_version_before_are_found_as_well(
    roomy: Engine, database: Database, clock: HandClock
) -> None:
    await _decide(roomy, await _come(roomy, "1"), c.Reject(reason="Not like this."))
    await _come(roomy, "nameless", digest="sha256:abc")
    clock.move(DAY)
    second = await _come(roomy, "2")
    before = earlier_rooms(roomy.store, second)
    assert before.last
    with database.write.begin() as connection:
        connection.execute(text("DROP INDEX ix_rooms_subject"))
        connection.execute(text("ALTER TABLE rooms DROP COLUMN subject"))
        moved = text("UPDATE alembic_version SET version_num = :before")
        connection.execute(moved, {"before": MIGRATION.down_revision})
        migrations.upgrade_on(connection, MIGRATION.revision)
    assert earlier_rooms(roomy.store, second) == before
    with database.read.connect() as connection:
        named = connection.execute(text("SELECT count(subject) FROM rooms")).scalar()
    assert named == 2


async def test_of_any_number_no_more_are_read_than_the_newest(
    roomy: Engine, clock: HandClock
) -> None:
    await asyncio.gather(*(_come(roomy, f"{number}") for number in range(MOST + 10)))
    clock.move(DAY)
    assert earlier_rooms(roomy.store, await _come(roomy, "last")).count == MOST

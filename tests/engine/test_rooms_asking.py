"""Rooms are found by whom they ask, and by nobody else; and the sets that say so are proved."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from bot.domain import commands as c
from bot.domain.person import Person
from bot.domain.policy import Role
from bot.engine.engine import Engine
from bot.storage import tables as t
from bot.storage.consistency import differences
from bot.storage.database import Database
from tests.build import APPROVE, acting, ada, bea, eve, jude, report, val, viv
from tests.conftest import HandClock


def _found(engine: Engine, person: Person) -> list[str]:
    return [room.id for room in engine.store.open_rooms_asking(person)]


def _wrong(database: Database) -> list[str]:
    with database.read.connect() as connection:
        return [each for each in differences(connection) if each]


async def test_a_room_is_found_by_its_maker_and_all_who_hold_a_role_in_it(engine: Engine) -> None:
    room = (await engine.report(report(), "violations", "d1")).room
    assert all(_found(engine, who) == [room.id] for who in (ada, val, viv, jude, bea))
    assert _found(engine, eve) == []


async def test_somebody_with_another_name_by_now_is_found_by_an_account(engine: Engine) -> None:
    room = (await engine.report(report(), "violations", "d1")).room
    assert _found(engine, Person(name="valerie", accounts=val.accounts)) == [room.id]
    assert _found(engine, Person(name="valerie", accounts=("slack:U0NEW",))) == []


async def test_who_gets_a_role_is_found_and_a_decided_room_asks_nobody(
    engine: Engine, database: Database
) -> None:
    room = (await engine.report(report(), "violations", "d1")).room
    hand_off = c.HandOff(role=Role.ADJUDICATOR, to=eve)
    await engine.handle(room.id, hand_off, acting(jude.name))
    stored = engine.store.room(room.id)
    assert stored
    holds = eve.name in stored.assignment(Role.ADJUDICATOR).holders
    assert (_found(engine, eve) == [room.id]) is holds
    assert _wrong(database) == []
    await engine.handle(room.id, APPROVE, acting(val.name))
    assert _found(engine, val) == _found(engine, ada) == []
    assert _wrong(database) == []


async def test_the_earliest_deadline_comes_first(engine: Engine, clock: HandClock) -> None:
    first = (await engine.report(report(dedup_key="1"), "violations", "d1")).room
    clock.move(timedelta(minutes=1))
    second = (await engine.report(report(dedup_key="2"), "violations", "d2")).room
    assert _found(engine, val) == [first.id, second.id]


async def test_what_many_rooms_have_in_common_is_written_down_once(
    engine: Engine, database: Database
) -> None:
    count = select(func.count()).select_from(t.sets_of_people)
    written = []
    for number in range(3):
        await engine.report(report(dedup_key=f"{number}"), "violations", f"d{number}")
        with database.read.connect() as connection:
            written.append(connection.execute(count).scalar_one())
    assert written[0] == written[1] == written[2] > 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (delete(t.sets_of_people), "has people of which no set is written down"),
        (
            delete(t.sets_of_people).where(t.sets_of_people.c.member == jude.name),
            "is not what its id says",
        ),
        (
            update(t.rooms).values(holders_id=None),
            "its columns are not what follows from its document",
        ),
    ],
)
async def test_people_who_would_not_be_found_are_a_difference(
    engine: Engine, database: Database, change: object, said: str
) -> None:
    await engine.report(report(), "violations", "d1")
    assert _wrong(database) == []
    with database.write.begin() as connection:
        connection.execute(change)  # type: ignore[call-overload] # one of two statements
    assert any(said in each for each in _wrong(database))

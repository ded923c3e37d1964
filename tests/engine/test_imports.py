"""Imported people in the record: by differences, believed or not, and the same in each process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.aggregate import Step
from bot.domain.configuration import (
    CONFIGURATION,
    HUMANS_AT_ONCE,
    STREAM_ID,
    Claimed,
    Configuration,
    Event,
    Human,
    ImportPeople,
    PeopleImported,
)
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator
from bot.engine.engine import Engine
from bot.engine.people import identify_unknown, refresh
from bot.engine.wakeups import Wakeups
from bot.policies.imports import CsvImport, Import
from bot.policies.load import Config
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.unknown_people import open_rooms_with_unknown
from tests.build import APPROVE, DIRECTORY, POLICY, VAL, VIV, acting, report
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING

STAFF = CsvImport(name="csv staff.csv", path=Path("staff.csv"), place="people.yaml:8:16")
LEGAL = CsvImport(name="csv legal.csv", path=Path("legal.csv"), place="people.yaml:9:16")
VALS: Human = ("slack:U0VAL", "github:val-gh")
NEW: Human = ("slack:U0NEW", "github:new-gh")
OTHER: Human = ("slack:U0OTHER", "github:other-gh")


@asynccontextmanager
async def _process(database: Database, clock: HandClock, *sources: Import) -> AsyncIterator[Engine]:
    """A process whose people come from these sources besides the file."""
    people = DIRECTORY.but(imports=sources)
    loaded = Config(policies={POLICY.id: POLICY}, people=people)
    engine = Engine(database, loaded, clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


@pytest.fixture
async def here(database: Database, clock: HandClock) -> AsyncIterator[Engine]:
    async with _process(database, clock, STAFF) as engine:
        yield engine


async def _take_in(
    engine: Engine, *humans: Human, source: Import = STAFF, accepted_by: str | None = None
) -> Step[Configuration, Any] | Refusal:
    people = ImportPeople(source=source.name, humans=humans, accepted_by=accepted_by)
    answer = await engine.take_in(people)
    await refresh(engine)
    return answer


def _events(engine: Engine) -> list[Event]:
    return [recorded.event for recorded in engine.store.stream(CONFIGURATION, STREAM_ID)]


def _claimed(*humans: Human) -> tuple[Claimed, ...]:
    return tuple(Claimed(accounts=human) for human in humans)


async def test_an_import_is_recorded_by_its_difference(here: Engine) -> None:
    before = len(_events(here))
    await _take_in(here, VALS, NEW)
    await _take_in(here, OTHER, VALS)
    assert _events(here)[before:] == [
        PeopleImported(source=STAFF.name, first=1, claimed=_claimed(VALS, NEW)),
        PeopleImported(source=STAFF.name, first=3, claimed=_claimed(OTHER), released=(2,)),
    ]


async def test_an_import_that_changes_nothing_is_not_recorded(here: Engine) -> None:
    await _take_in(here, VALS, NEW)
    before = _events(here)
    answer = await _take_in(here, NEW, VALS)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.NOTHING_TO_DO
    assert _events(here) == before


async def test_each_human_stands_apart_from_the_bytes_and_from_the_others(here: Engine) -> None:
    """So that one of them can be erased."""
    await _take_in(here, VALS, NEW)
    rows = select(tables.events).where(tables.events.c.kind == "people_imported")
    (row,) = here.store.ask(lambda connection: connection.execute(rows).all())
    apart = json.loads(row.personal)
    assert [value for _, value in apart.values()] == [list(VALS), list(NEW)]
    for account in (*VALS, *NEW):
        assert account not in row.payload


async def test_many_people_are_recorded_some_an_event_and_read_back(here: Engine) -> None:
    humans = [(f"slack:U{n:05}", f"github:user-{n}") for n in range(HUMANS_AT_ONCE + 1)]
    before = len(_events(here))
    await _take_in(here, *humans)
    assert len(_events(here)) == before + 2
    assert [each.name for each in here.people.owners(f"github:user-{HUMANS_AT_ONCE}")] == [
        f"slack:U{HUMANS_AT_ONCE:05}"
    ]


STAFF_OF_20 = [(f"slack:U{n:05}", f"github:user-{n}") for n in range(20)]


@pytest.mark.parametrize(("kept", "believed"), [(20, True), (19, True), (18, False), (0, False)])
async def test_an_import_that_shrank_by_a_tenth_keeps_the_last_one(
    here: Engine, kept: int, believed: bool
) -> None:
    await _take_in(here, *STAFF_OF_20)
    before = _events(here)
    await _take_in(here, *STAFF_OF_20[:kept])
    assert bool(here.people.owners("github:user-19")) is (not believed or kept == 20)
    if not believed:
        assert _events(here) == before


async def test_what_shrank_is_taken_once_somebody_accepts_it(here: Engine) -> None:
    await _take_in(here, *STAFF_OF_20)
    await _take_in(here, *STAFF_OF_20[:1], accepted_by="op@host")
    event = _events(here)[-1]
    assert isinstance(event, PeopleImported)
    assert event.accepted_by == "op@host"
    assert here.people.owners("github:user-0")
    assert not here.people.owners("github:user-19")


async def test_one_source_says_nothing_of_what_another_gives(
    database: Database, clock: HandClock
) -> None:
    async with _process(database, clock, STAFF, LEGAL) as both:
        await _take_in(both, VALS, NEW)
        await _take_in(both, OTHER, source=LEGAL)
        assert both.people.owners("github:val-gh")
    async with _process(database, clock, LEGAL) as one:
        assert not one.people.owners("github:val-gh"), "its source is configured no more"
        assert one.people.owners("github:other-gh")


async def test_a_restart_without_the_source_keeps_the_last_import(
    here: Engine, database: Database, clock: HandClock
) -> None:
    await _take_in(here, VALS, NEW)
    before = _events(here)
    async with _process(database, clock, STAFF) as again:
        assert again.people.claims == here.people.claims
        assert _events(again) == before


@pytest.mark.only_on("postgresql", reason="a file takes one process")
async def test_each_process_has_the_people_that_another_has_imported(
    here: Engine, database: Database, clock: HandClock
) -> None:
    async with _process(database, clock, STAFF) as other:
        await _take_in(here, VALS, NEW)
        assert not other.people.owners("github:val-gh")
        assert await refresh(other)
        assert other.people.claims == here.people.claims
        assert not await refresh(other)


async def test_a_decision_cites_the_configuration_with_the_import(here: Engine) -> None:
    await _take_in(here, VALS)
    room = (await here.report(report(), "violations", "d1")).room
    step = await here.handle(room.id, APPROVE, acting("val"))
    assert isinstance(step, Step)
    assert step.after.decision
    assert step.after.decision.configuration == len(_events(here))


async def _refused_as_own(engine: Engine, room_id: str, user: str) -> None:
    answer = await engine.handle(room_id, APPROVE, engine.people.acting(user))
    assert isinstance(answer, Refusal), user
    assert answer.why is Why.OWN_VIOLATION


async def test_who_is_known_by_an_import_alone_decides_nothing_on_their_own(here: Engine) -> None:
    await _take_in(here, VALS)
    unknown = report(initiator=Initiator(github="val-gh"))
    room = (await here.report(unknown, "violations", "d1")).room
    assert room.initiators == ("val",)
    await _refused_as_own(here, room.id, VAL)
    assert isinstance(await here.handle(room.id, APPROVE, acting("viv")), Step)


async def test_both_who_claim_an_account_are_initiators(here: Engine) -> None:
    await _take_in(here, ("slack:U0VAL", "github:shared"), ("slack:U0VIV", "github:shared"))
    shared = report(initiator=Initiator(github="shared"))
    room = (await here.report(shared, "violations", "d1")).room
    for user in (VAL, VIV):
        await _refused_as_own(here, room.id, user)


async def test_open_rooms_are_told_of_those_who_are_known_by_now(
    here: Engine, database: Database, clock: HandClock
) -> None:
    """By an import while the process runs, and by a file at its start."""
    unknown = report(initiator=Initiator(github="val-gh"))
    room = (await here.report(unknown, "violations", "d1")).room
    assert room.unknown_makers
    await identify_unknown(here)
    assert open_rooms_with_unknown(here.store) == [here.store.room(room.id)]
    await _take_in(here, VALS)
    await identify_unknown(here)
    told = here.store.room(room.id)
    assert told
    assert told.initiators == ("val",)
    assert not told.unknown_makers
    assert open_rooms_with_unknown(here.store) == []


async def test_whoever_is_known_by_now_is_an_initiator_before_anybody_acts(here: Engine) -> None:
    """The rooms are told of a new import one after another; a click may come before that."""
    unknown = report(initiator=Initiator(github="val-gh"))
    room = (await here.report(unknown, "violations", "d1")).room
    await _take_in(here, VALS)
    await _refused_as_own(here, room.id, VAL)

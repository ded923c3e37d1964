"""A database in which each violation had one initiator, known or not, is taken along whole."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.aggregate import Step
from bot.domain.person import BY_SYSTEM
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import State, WarRoom
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage.consistency import differences
from bot.storage.database import Database
from tests.build import APPROVE, POLICY, acting, config, eve
from tests.conftest import HandClock
from tests.evidence.exporting import verified, written
from tests.evidence.stranger import by_stranger
from tests.outgoing import FOLLOWING
from tests.storage.exports import revision_0006 as old


@pytest.fixture
async def engine(taken_along: Database) -> AsyncIterator[Engine]:
    """The bot as it goes on, a minute after the last event."""
    newest = max(row["opened_at"] for row in old.rows("rooms"))
    clock = HandClock(datetime.fromtimestamp(newest / 1_000_000 + 60, UTC))
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(taken_along, config(POLICY), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


def _room(engine: Engine, key: str) -> WarRoom:
    rooms = engine.store.open_rooms()
    return next(each for each in rooms if each.violation.report.key == key)


async def test_every_room_is_what_its_events_give(engine: Engine) -> None:
    with engine.store.database.read.connect() as connection:
        assert set(differences(connection)) == {None}


async def test_a_verifier_finds_nothing_wrong_with_it(engine: Engine) -> None:
    data = written(engine.store.database).data()
    assert (verified(data).findings, by_stranger(data)) == ((), set())


@pytest.mark.parametrize("key", ["by login", "lost"])
async def test_one_person_alone_cant_allow_what_somebody_unknown_made(
    engine: Engine, key: str
) -> None:
    room = _room(engine, key)
    assert room.unknown_makers
    first = await engine.handle(room.id, APPROVE, acting("val"))
    assert isinstance(first, Step)
    assert isinstance(first.events[-1].event, e.Proposed)
    second = await engine.handle(room.id, APPROVE, acting("viv"))
    assert isinstance(second, Step)
    assert second.after.state is State.DECIDED


async def test_who_was_known_is_known(engine: Engine) -> None:
    room = _room(engine, "found")
    assert room.initiators == ("slack:U0VERA",)
    approved = await engine.handle(room.id, APPROVE, acting("val"))
    assert isinstance(approved, Step)
    assert approved.after.state is State.DECIDED


@pytest.mark.parametrize(
    ("key", "account"), [("asked", "email:new@acme.test"), ("spelt", "email:eve@acme.test")]
)
async def test_what_slack_was_being_asked_goes_on(engine: Engine, key: str, account: str) -> None:
    room = _room(engine, key)
    with engine.store.database.read.connect() as connection:
        asked = text("SELECT payload FROM effects WHERE kind = 'identify'")
        assert f'"{account}"' in " ".join(connection.execute(asked).scalars())
    if key == "asked":
        refused = await engine.handle(room.id, APPROVE, acting("val"))
        assert isinstance(refused, Refusal)
        assert refused.why is Why.UNIDENTIFIED
        found = c.IdentifyInitiator(account=account, persons=(eve,))
        assert isinstance(await engine.handle(room.id, found, BY_SYSTEM), Step)
    else:  # the configuration has the address, which is one in this spelling too
        await engine.handle(room.id, c.Acknowledge(), acting("val"))
    assert _room(engine, key).initiators == (eve.name,)


async def test_of_a_storm_each_leaves_with_whoever_made_it(engine: Engine) -> None:
    """What was settled apart then left no record of who the unknown ones were: it stays held."""
    storm = next(room for room in engine.store.open_rooms() if room.is_storm)
    assert sum(each.count for each in storm.contents.made_by) == storm.count
    assert [maker.accounts for maker in storm.unknown_makers] == [()]
    by_login = next(
        each
        for each in engine.store.violations_in(storm.id, 100)
        if each.report.initiator.github == "newcomer"
    )
    split = await engine.handle(storm.id, c.Split(violation_id=by_login.id), acting("viv"))
    assert isinstance(split, Step)
    assert split.after.unknown_makers == storm.unknown_makers
    own = engine.store.room_of_violation(by_login.id)
    assert own
    assert [maker.accounts for maker in own.unknown_makers] == [("github:newcomer",)]
    data = written(engine.store.database).data()
    assert (verified(data).findings, by_stranger(data)) == ((), set())

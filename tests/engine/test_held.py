"""What a legal hold on somebody keeps of others, and of the rooms that they have a part in."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from bot.cli.main import main
from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.erasure import ERASURE
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up import CloseFollowUp, FollowUpKind
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.hold import HOLD, PlaceHold
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import Actor, Person, operator
from bot.domain.somebody import Somebody
from bot.domain.violation import Initiator, Report
from bot.domain.war_room import Category
from bot.engine.engine import Engine
from bot.engine.erasing import Looked, erase_person
from bot.engine.ids import new_id
from bot.engine.retention import Period, remove
from bot.engine.wakeups import Wakeups
from bot.policies.load import Config
from bot.policies.people import Directory
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.erasing import erase, everything_known, lock_views, of_person
from bot.storage.transaction import Stream, Transaction
from tests.build import DIRECTORY, JUSTIFICATION, POLICY, acting, ada, eve, jude, report
from tests.conftest import HandClock, started
from tests.domain.test_follow_up import order
from tests.outgoing import FOLLOWING
from tests.owing import RULE, owe

DAY = timedelta(days=1)
OVERRIDE = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=DAY)
LEFT = "octocat"  # who made changes, and whom nobody lists any more
GONE = Person(name=f"github:{LEFT}", accounts=(f"github:{LEFT}",))
ELSE = Person(name="github:hubot", accounts=("github:hubot",))
RULED = POLICY.but(auto_clear=(RULE.but(review_sample=0.0),))


@pytest.fixture
async def engine(database: Database, clock: HandClock) -> AsyncIterator[Engine]:
    async with started(database, clock, POLICY) as engine:
        yield engine


async def _hold(engine: Engine, person: Person | None = None, room_id: str | None = None) -> str:
    placed = PlaceHold(id=new_id(10), person=person, room_id=room_id, reason="Case 7 C 12/26")

    def in_one(transaction: Transaction) -> object:
        by = operator("ops@host")
        return engine.streams.apply(transaction, HOLD, placed.id, placed, by)

    assert isinstance(await engine.write(in_one), Step)
    return placed.id


def _change(initiator: Initiator) -> Report:
    return report(initiator=initiator, origin={"commit": "c1", "repository": "acme/ranker"})


async def _decided(engine: Engine, initiator: Initiator, by: str = jude.name) -> str:
    """A room whose change somebody made, decided by another, whose exception has ended."""
    room_id = (await engine.report(_change(initiator), "violations", "d1")).room.id
    assert isinstance(await engine.handle(room_id, OVERRIDE, acting(by)), Step)
    return room_id


async def _ended(engine: Engine, clock: HandClock, room_id: str) -> None:
    clock.move(2 * DAY)
    await engine.tick(Stream(WAR_ROOM.kind, room_id))
    while await engine.tick(Stream(EXCEPTION.kind, room_id)):
        pass


async def _erase(engine: Engine) -> Looked:
    return await erase_person(engine, f"github:{LEFT}", "DSR-1", operator("ops@host"))


def _erasures(engine: Engine) -> int:
    where = t.events.c.stream_kind == ERASURE.kind
    return len(engine.store.ask(lambda asked: asked.execute(t.events.select().where(where)).all()))


async def test_nobody_is_erased_from_a_room_in_which_somebody_else_is_held(
    engine: Engine, clock: HandClock
) -> None:
    room_id = await _decided(engine, Initiator(github=LEFT))
    await _ended(engine, clock, room_id)
    elsewhere = await _hold(engine, eve)
    hold = await _hold(engine, jude)
    looked = await _erase(engine)
    assert [each for each in looked.obstacles if "hold" in each] == [
        f"legal hold {hold} holds somebody who is in war room {room_id}"
    ]
    assert elsewhere != hold
    assert _erasures(engine) == 0


@pytest.mark.parametrize("of", ["person", "room"])
async def test_nobody_is_erased_from_what_was_owed_of_a_room_that_is_held(
    engine: Engine, clock: HandClock, of: str
) -> None:
    """Whoever stands in one of room, exception and follow-ups is held in all of them."""
    room_id = await _decided(engine, Initiator(slack="U0ADA"))
    about = {"violation_id": None, "room_id": room_id, "initiators": (), "others": ()}
    owed = await owe(engine, order(FollowUpKind.RENEWAL, owner=GONE, **about))
    await _ended(engine, clock, room_id)
    closed = await engine.write(lambda transaction: _close(engine, transaction, owed.id))
    assert isinstance(closed, Step), closed
    await (_hold(engine, jude) if of == "person" else _hold(engine, room_id=room_id))
    looked = await _erase(engine)
    assert [room_id in each for each in looked.obstacles if "hold" in each] == [True]


def _close(engine: Engine, transaction: Transaction, follow_up: str) -> object:
    stream, done = Stream(FOLLOW_UP.kind, follow_up), CloseFollowUp(link="https://tickets.test/1")
    actor = Actor(person=GONE, account=GONE.accounts[0])
    return engine.streams.apply_to(transaction, stream, done, actor, None)


async def test_nobody_is_erased_from_what_was_cleared_for_somebody_who_is_held(
    database: Database, clock: HandClock
) -> None:
    async with started(database, clock, RULED) as engine:
        await engine.report(report(), "violations", "d1")
        hold = await _hold(engine, jude)  # who owns the rule
    left = {name: who for name, who in DIRECTORY.people.items() if name != ada.name}
    unlisting = Config(policies={}, people=Directory(people=left))
    engine = Engine(database, unlisting, clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    looked = await erase_person(engine, ada.name, "DSR-1", operator("ops@host"))
    await asyncio.to_thread(engine.stop)
    (obstacle,) = looked.obstacles
    assert obstacle.startswith(f"legal hold {hold} holds somebody who is in clearance ")


async def test_a_hold_on_somebody_in_none_of_it_holds_nobody_else(
    engine: Engine, clock: HandClock
) -> None:
    room_id = await _decided(engine, Initiator(github=LEFT))
    await _ended(engine, clock, room_id)
    await _hold(engine, eve)
    looked = await _erase(engine)
    assert (looked.obstacles, _erasures(engine)) == ((), 1)


@pytest.mark.parametrize("of", ["exception", "follow-up", "nothing"])
async def test_no_period_takes_a_room_of_which_somebody_is_held_wherever_they_stand(
    engine: Engine, clock: HandClock, of: str
) -> None:
    """Who made what the exception waived, or owed what came of it, need not stand in the room."""
    room_id = await _decided(engine, Initiator(slack="U0ADA"))
    about = {"violation_id": None, "room_id": room_id, "initiators": (), "others": ()}
    owed = await owe(engine, order(FollowUpKind.RENEWAL, owner=GONE, **about))
    closed = await engine.write(lambda transaction: _close(engine, transaction, owed.id))
    assert isinstance(closed, Step), closed
    await engine.report(_change(Initiator(slack="U0EVE")), "violations", "waived")
    await _ended(engine, clock, room_id)
    await _hold(engine, {"exception": eve, "follow-up": GONE}.get(of, ELSE))
    clock.move(400 * DAY)
    await remove(engine, [Period(365 * DAY, (POLICY.id,))])
    assert _erasures(engine) == (of == "nothing")


@pytest.mark.only_on("postgresql", reason="on SQLite one transaction writes at a time")
@pytest.mark.parametrize("of", ["--person", "--room"])
async def test_a_hold_that_comes_while_somebody_is_erased_waits_for_what_is_left(
    engine: Engine, database: Database, of: str
) -> None:
    """Else it would be on record from before the erasure, and hold nothing."""
    room_id = await _decided(engine, Initiator(github=LEFT))
    address = database.url.render_as_string(hide_password=False)
    run = partial(CliRunner(env={"DATABASE_URL": address}).invoke, main)
    what = f"github:{LEFT}" if of == "--person" else room_id
    with database.write.begin() as erasing:
        lock_views(erasing)
        add = ("hold", "add", of, what, "--reason", "Case 7 C 12/26")
        placing = asyncio.create_task(asyncio.to_thread(run, add))
        async with asyncio.timeout(5):
            while not placing.done() and not engine.store.ask(_somebody_waits):
                await engine.wakeups.room_changed("any", 0.05)
        assert not placing.done()
        who = everything_known(erasing, Somebody.called(f"github:{LEFT}"))
        erase(erasing, of_person(erasing, who, engine.now()))
    placed = await placing
    assert (placed.exit_code, "the record has nobody" in placed.output) == (
        (2, True) if of == "--person" else (0, False)
    ), placed.output


def _somebody_waits(connection: Connection) -> bool:
    question = "SELECT count(*) FROM pg_locks WHERE relation = 'rooms'::regclass AND NOT granted"
    return bool(connection.exec_driver_sql(question).scalar_one())

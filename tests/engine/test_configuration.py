"""The configuration on record: by its differences, people one by one, cited by decisions."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.configuration import (
    CONFIGURATION,
    STREAM_ID,
    ConfigurationLoaded,
    Event,
    PersonListed,
    PersonRemoved,
)
from bot.domain.person import BY_SYSTEM, EMAIL, GITHUB, SLACK, Person, account
from bot.domain.policy import Policy, Role, Roster, digest_of
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.policies.load import Config
from bot.policies.people import Directory
from bot.storage.database import Database
from tests.build import (
    ADA,
    APPROVE,
    DIRECTORY,
    EVERYBODY,
    JUDE,
    POLICY,
    VAL,
    VIV,
    acting,
    ada,
    config,
    eve,
    jude,
    report,
    val,
)
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING

OTHER = POLICY.but(id="model-export", title="Unapproved export")
LONGER = POLICY.but(window=timedelta(hours=9))


def _with_people(*people: Person, policies: Iterable[Policy] = (POLICY,)) -> Config:
    directory = Directory(people={person.name: person for person in people})
    return Config(policies={policy.id: policy for policy in policies}, people=directory)


@asynccontextmanager
async def _process(database: Database, clock: HandClock, loaded: Config) -> AsyncIterator[Engine]:
    """Another process on the same database, with a configuration of its own."""
    engine = Engine(database, loaded, clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


def _events(engine: Engine) -> list[Event]:
    return [recorded.event for recorded in engine.store.stream(CONFIGURATION, STREAM_ID)]


async def test_the_first_load_is_recorded_whole_and_people_one_by_one(engine: Engine) -> None:
    loaded, *people = _events(engine)
    assert loaded == ConfigurationLoaded(
        policies={POLICY.id: POLICY.digest},
        sources=digest_of(engine.config.sources_document),
        started_by="tests",
    )
    assert people == [
        PersonListed(name=person.name, accounts=person.accounts) for person in EVERYBODY
    ]
    assert engine.store.policy(POLICY.digest) == POLICY


async def test_an_unchanged_load_is_not_recorded(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    before = _events(engine)
    async with _process(database, clock, config(POLICY)) as again:
        assert _events(again) == before


@pytest.mark.only_on("postgresql", reason="a file takes one process")
async def test_processes_that_start_at_once_record_one_load(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    before = len(_events(engine))
    wakeups = Wakeups(asyncio.get_running_loop())
    both = [Engine(database, config(LONGER), clock, wakeups, FOLLOWING) for _ in range(2)]
    await asyncio.gather(*(each.start(f"process {n}") for n, each in enumerate(both)))
    await asyncio.gather(*(asyncio.to_thread(each.stop) for each in both))
    assert len(_events(engine)) == before + 1


@pytest.mark.parametrize(
    ("policies", "changed", "removed"),
    [
        ((LONGER,), {LONGER.id: LONGER.digest}, ()),
        ((POLICY, OTHER), {OTHER.id: OTHER.digest}, ()),
        ((OTHER,), {OTHER.id: OTHER.digest}, (POLICY.id,)),
    ],
)
async def test_a_changed_load_is_recorded_by_its_difference(
    engine: Engine,
    database: Database,
    clock: HandClock,
    policies: tuple[Policy, ...],
    changed: dict[str, str],
    removed: tuple[str, ...],
) -> None:
    before = _events(engine)
    async with _process(database, clock, config(*policies)) as later:
        (difference,) = _events(later)[len(before) :]
        expected = ConfigurationLoaded(policies=changed, removed=removed, started_by="tests")
        assert difference == expected
        assert all(later.store.policy(each.digest) == each for each in policies)
        assert later.store.policy(POLICY.digest) == POLICY


async def test_of_people_those_are_recorded_who_are_new_changed_or_gone(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    before = _events(engine)
    moved = ada.but(team="ads")
    zoe = Person(name="zoe", accounts=(account(SLACK, "U0ZOE"),))
    people = [moved if each == ada else each for each in EVERYBODY if each != eve]
    async with _process(database, clock, _with_people(*people, zoe)) as later:
        assert _events(later)[len(before) :] == [
            ConfigurationLoaded(policies={}, started_by="tests"),
            PersonListed(name="ada", accounts=ada.accounts, team="ads"),
            PersonListed(name="zoe", accounts=zoe.accounts),
            PersonRemoved(name="eve"),
        ]
    async with _process(database, clock, config(POLICY)) as back:
        assert _events(back)[-3:] == [
            PersonListed(name="ada", accounts=ada.accounts),
            PersonListed(name="eve", accounts=eve.accounts),
            PersonRemoved(name="zoe"),
        ]


async def test_a_decision_cites_the_configuration_in_force_and_the_policy_it_was_opened_under(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    first, second = [
        (await engine.report(report(dedup_key=key), "violations", key)).room.id
        for key in ("first", "second")
    ]
    loads = len(_events(engine))
    step = await engine.handle(first, APPROVE, acting(val.name))
    assert isinstance(step, Step)
    assert step.after.decision
    assert step.after.decision.configuration == loads
    async with _process(database, clock, config(LONGER)) as later:
        step = await later.handle(second, APPROVE, acting(val.name))
        assert isinstance(step, Step)
        assert step.after.decision
        assert step.after.decision.configuration == loads + 1 == len(_events(later))
        assert step.after.decision.policy_digest == POLICY.digest


# Somebody with several accounts of each kind, who may also validate.
ANNE = Person(
    name="anne",
    accounts=(
        *(account(SLACK, user) for user in ("U0ANN", "U0ANO")),
        *(account(EMAIL, address) for address in ("anne@acme.test", "a.smith@acme.test")),
        *(account(GITHUB, login) for login in ("anne", "smith-bot")),
    ),
)
HERS = POLICY.but(validator=Roster(label="privacy", members=(val.name, "anne")))
RENAMED = HERS.but(validator=Roster(label="privacy", members=(val.name, "smith")))
OWN = [
    Initiator(slack="U0ANN"),
    Initiator(slack="U0ANO"),
    Initiator(email="anne@acme.test"),
    Initiator(email="A.Smith@acme.test"),
    Initiator(github="Anne"),
    Initiator(github="smith-bot"),
]


async def _reported(engine: Engine, initiator: Initiator) -> str:
    return (await engine.report(report(initiator=initiator), "violations", "d1")).room.id


async def _refused_as_own(engine: Engine, room_id: str) -> None:
    for user in ("U0ANN", "U0ANO"):
        for command in (APPROVE, c.Dismiss(reason="It is synthetic.")):
            answer = await engine.handle(room_id, command, engine.config.people.acting(user))
            assert isinstance(answer, Refusal), user
            assert answer.why is Why.OWN_VIOLATION


@pytest.mark.parametrize("initiator", OWN, ids=lambda initiator: initiator.label)
async def test_ones_own_violation_is_ones_own_under_whatever_account_and_after_a_rename(
    initiator: Initiator, database: Database, clock: HandClock
) -> None:
    everybody = tuple(DIRECTORY.people.values())
    async with _process(database, clock, _with_people(*everybody, ANNE, policies=[HERS])) as before:
        room_id = await _reported(before, initiator)
        await _refused_as_own(before, room_id)
    # Called otherwise, with the accounts in another order.
    smith = ANNE.but(name="smith", accounts=ANNE.accounts[::-1])
    async with _process(
        database, clock, _with_people(*everybody, smith, policies=[RENAMED])
    ) as after:
        await _refused_as_own(after, room_id)
        assert isinstance(await after.handle(room_id, APPROVE, acting(val.name)), Step)


@pytest.mark.parametrize(
    "initiator",
    [
        Initiator(slack="U0ANO"),
        Initiator(github="https://github.com/anne"),
        Initiator(email="Anne Smith <A.Smith+ci@acme.test>"),
    ],
    ids=lambda initiator: initiator.label,
)
async def test_whom_the_configuration_names_only_later_is_still_who_made_the_change(
    initiator: Initiator, database: Database, clock: HandClock
) -> None:
    everybody = tuple(DIRECTORY.people.values())
    async with _process(database, clock, _with_people(*everybody, policies=[POLICY])) as before:
        room_id = await _reported(before, initiator)
        room = before.store.room(room_id)
        assert room
        assert room.unknown_makers
    async with _process(database, clock, _with_people(*everybody, ANNE, policies=[HERS])) as after:
        await _refused_as_own(after, room_id)


async def test_whoever_is_known_by_two_names_in_a_room_is_its_initiator_by_one(
    database: Database, clock: HandClock
) -> None:
    """A user group has them by one account, the report by another, and only later they are one."""
    grouped = POLICY.but(validator=Roster(label="privacy", member_group="S0PRIVACY"))
    everybody = tuple(DIRECTORY.people.values())
    async with _process(database, clock, _with_people(*everybody, policies=[grouped])) as before:
        room = (await before.report(report(), "violations", "d0")).room
        members = (before.config.people.in_slack("U0ANN"), val)
        resolved = c.ResolveGroup(role=Role.VALIDATOR, backup=False, members=members)
        assert isinstance(await before.handle(room.id, resolved, BY_SYSTEM), Step)
        room_id = await _reported(before, Initiator(slack="U0ANO"))
        assert room_id == room.id
    async with _process(
        database, clock, _with_people(*everybody, ANNE, policies=[grouped])
    ) as after:
        await _refused_as_own(after, room_id)
        assert isinstance(await after.handle(room_id, APPROVE, acting(val.name)), Step)


async def _split_off(engine: Engine, initiator: Initiator) -> WarRoom:
    """A violation that joins a storm of Ada's, in a room of its own."""
    own = report(dedup_key="own", initiator=initiator)
    come = await engine.report(own, "violations", "own")
    assert come.room.is_storm
    command = c.Split(violation_id=come.violation_id)
    assert isinstance(await engine.handle(come.room.id, command, acting("viv")), Step)
    room = engine.store.room_of_violation(come.violation_id)
    storm = engine.store.room(come.room.id)
    assert room
    assert storm
    assert [each.count for each in storm.contents.made_by] == [storm.count]
    return room


async def _storm(engine: Engine) -> None:
    for number in range(POLICY.storm.rooms + 2):
        key = f"key {number}"
        await engine.report(report(dedup_key=key), "violations", key)


@pytest.mark.parametrize(
    "initiator",
    [
        Initiator(slack=val.slack, email="ada@acme.test"),
        Initiator(github="val-gh"),
        Initiator(github="val-gh", slack=val.slack),
    ],
    ids=["of two people", "by a new account", "by both"],
)
async def test_who_made_a_change_stays_who_made_it_when_it_is_split_off(
    initiator: Initiator, database: Database, clock: HandClock
) -> None:
    """As it was found when it came, whatever else the report names and the room knows."""
    everybody = tuple(DIRECTORY.people.values())
    async with _process(database, clock, _with_people(*everybody)) as before:
        await _storm(before)
    known = [who for who in everybody if who not in (ada, val)]
    mail = ada.but(accounts=(*ada.accounts, account(EMAIL, "ada@acme.test")))
    login = val.but(accounts=(*val.accounts, account(GITHUB, "val-gh")))
    async with _process(database, clock, _with_people(*known, mail, login)) as after:
        room = await _split_off(after, initiator)
        answer = await after.handle(room.id, APPROVE, after.config.people.acting("U0VAL"))
        assert isinstance(answer, Refusal)
        assert answer.why is Why.OWN_VIOLATION


async def test_those_who_are_called_otherwise_by_now_decide_on_what_is_split_off(
    database: Database, clock: HandClock
) -> None:
    """The policy of the storm's room names them as the room knows them."""
    async with _process(database, clock, _with_people(*EVERYBODY)) as before:
        await _storm(before)
    renamed = [who.but(name=f"{who.name}-smith") for who in EVERYBODY]
    adjudicator, validator = (
        Roster(label="new", members=(f"{who.name}-smith",)) for who in (jude, val)
    )
    policy = POLICY.but(adjudicator=adjudicator, validator=validator)
    async with _process(database, clock, _with_people(*renamed, policies=[policy])) as after:
        storm = next(room for room in after.store.open_rooms() if room.is_storm)
        chosen = storm.contents.newest[-1].id
        people = after.config.people
        split = await after.handle(storm.id, c.Split(violation_id=chosen), people.acting(VIV))
        assert isinstance(split, Step)
        room = after.store.room_of_violation(chosen)
        assert room
        assert {room.person(name).slack for name in room.on_duty} == {ADA, VAL, JUDE}
        reject = c.Reject(reason="It is not agreed.")
        assert isinstance(await after.handle(room.id, reject, people.acting(JUDE)), Step)

"""Follow-ups on record: raised with what led to them, told by the clock, counted as debt."""

import asyncio
import io
import json
from datetime import timedelta

from sqlalchemy import select, update

from bot.domain.aggregate import Step
from bot.domain.follow_up import (
    CloseFollowUp,
    FollowUpKind,
    FollowUpOverdue,
    FollowUpReminded,
    SampleAnswer,
    sampled,
)
from bot.domain.follow_up_lifecycle import FOLLOW_UP, FollowUpStep
from bot.domain.person import SYSTEM, Person
from bot.domain.policy import ClearRule, Policy, Roster
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Severity
from bot.engine import follow_ups
from bot.engine.cases import cases, governance_debt
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.measures.debt import Kind
from bot.storage import copying
from bot.storage import tables as t
from bot.storage.archive import ArchiveReader, ArchiveWriter
from bot.storage.consistency import differences
from bot.storage.database import Database
from bot.storage.follow_ups import open_follow_ups, owed_by
from bot.storage.transaction import Stream, Transaction
from tests.build import (
    APPROVE,
    POLICY,
    START,
    acting,
    ada,
    bea,
    eve,
    jude,
    made_by,
    rules,
    val,
    violation,
    viv,
)
from tests.conftest import HandClock
from tests.domain.test_follow_up import order
from tests.owing import RULE, owe, owe_sample, stored

YES = CloseFollowUp(answer=SampleAnswer.YES)


async def _close(
    engine: Engine, follow_up_id: str, name: str = val.name, delivery: str | None = None
) -> FollowUpStep | Refusal:
    stream = Stream(FOLLOW_UP.kind, follow_up_id)
    return await engine.write(
        lambda transaction: engine.streams.apply_to(
            transaction, stream, YES, acting(name), delivery
        )
    )


def _owner(made: Person, policy: Policy = POLICY) -> tuple[str | None, str | None]:
    command = follow_ups.sample(violation(), made_by(made), rules(policy), RULE, START)
    return (command.owner.name if command.owner else None, command.group) if command else ("", "")


def test_a_sample_is_owed_by_the_first_validator_who_made_no_part_of_the_change() -> None:
    assert _owner(ada) == (val.name, None)
    assert _owner(val) == (viv.name, None)
    alone = POLICY.but(validator=Roster(label="val", members=(val.name,), backups=(bea.name,)))
    assert _owner(val, alone) == (bea.name, None)


def test_where_every_validator_made_it_the_adjudicator_owes_it_and_else_nobody() -> None:
    only = POLICY.but(validator=Roster(label="val", members=(val.name,)))
    assert _owner(val, only) == (jude.name, None)
    nobody = only.but(adjudicator=Roster(label="val", members=(val.name,)))
    assert _owner(val, nobody) == ("", "")


def test_a_user_group_is_asked_who_owes_it() -> None:
    group = POLICY.but(validator=Roster(label="privacy", member_group="S0PRIVACY"))
    assert _owner(ada, group) == (None, "S0PRIVACY")


def test_a_sample_is_owed_for_a_week_as_grave_as_the_policy_at_least() -> None:
    found = violation(severity=Severity.LOW, team="search")
    command = follow_ups.sample(found, made_by(ada), rules(), RULE, START)
    assert command
    assert (command.until, command.severity) == (START + timedelta(days=7), POLICY.severity)
    assert (command.violation_id, command.policy_id, command.team) == (
        found.id,
        POLICY.id,
        "search",
    )


async def test_what_a_rule_clears_is_looked_at_where_its_sample_has_it(engine: Engine) -> None:
    """Each rule has a share of its own; the violation's id alone says whether it is in it."""
    found = violation()
    for share in (0.0, 0.5, 1.0):
        rule = RULE.but(review_sample=share)

        def order(transaction: Transaction, rule: ClearRule = rule) -> object:
            made = made_by(ada)
            return follow_ups.draw(transaction, engine.streams, found, made, rules(), rule)

        drawn = await engine.write(order)
        assert (drawn is not None) == sampled(found.id, share)
    (*_, last) = open_follow_ups(engine.store)
    place = f"{POLICY.file}:{RULE.line}"
    assert last.because == f"the rule internal-copies ({place}): {RULE.reason}"


async def test_who_owes_something_finds_it_by_any_account_until_it_is_closed(
    engine: Engine,
) -> None:
    sample = await owe_sample(engine)
    by_account = Person(name="valerie", accounts=val.accounts[1:])
    for who in (val, by_account):
        assert [each.id for each in owed_by(engine.store, who)] == [sample.id]
    for who in (viv, ada, eve):
        assert owed_by(engine.store, who) == []
    assert isinstance(await _close(engine, sample.id), Step)
    assert owed_by(engine.store, val) == open_follow_ups(engine.store) == []
    assert stored(engine, sample.id).closure


async def test_what_was_settled_elsewhere_is_owed_no_more_and_nothing_else_is(
    engine: Engine,
) -> None:
    for number, exception in enumerate(("e1", "e2")):
        about = order(FollowUpKind.RENEWAL, id=f"renewal{number}", exception_id=exception)
        await owe(engine, about.but(owner=jude))
    for _ in range(2):
        await engine.write(
            lambda transaction: follow_ups.settle(
                transaction, engine.streams, "exception:e1", "The exception was renewed."
            )
        )
    closed, still = stored(engine, "renewal0"), stored(engine, "renewal1")
    assert closed.closure
    assert (closed.closure.by, closed.closure.reason) == (SYSTEM, "The exception was renewed.")
    assert still.closure is None
    refusal = await _close(engine, closed.id, jude.name)
    assert isinstance(refusal, Refusal)
    assert "was closed by system:warroom on" in refusal.message


async def test_what_is_raised_and_settled_in_one_batch_is_owed_no_more(engine: Engine) -> None:
    about = order(FollowUpKind.RENEWAL, id="renewal", exception_id="e1").but(owner=jude)

    def batch(transaction: Transaction) -> None:
        follow_ups.owe(transaction, engine.streams, about)
        for _ in range(2):
            follow_ups.settle(transaction, engine.streams, "exception:e1", "It was revoked.")

    await engine.write(batch)
    assert stored(engine, "renewal").closure
    assert open_follow_ups(engine.store) == []


async def test_of_two_who_close_it_at_once_the_first_does_and_once(engine: Engine) -> None:
    """And what is sent in twice is done once."""
    sample = await owe_sample(engine)
    both = await asyncio.gather(
        *(_close(engine, sample.id, who.name, f"view of {who.name}") for who in (val, viv))
    )
    assert [isinstance(each, Step) for each in both] == [True, False]
    again = await _close(engine, sample.id, val.name, f"view of {val.name}")
    assert isinstance(again, Step)
    assert again.events == ()
    refusal = await _close(engine, sample.id, viv.name)
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.DECIDED
    assert isinstance(await _close(engine, "nothing"), Refusal)


async def test_the_clock_reminds_once_and_tells_the_end_once(
    engine: Engine, clock: HandClock
) -> None:
    sample = await owe_sample(engine)
    ticks = Clock(engine)
    told: list[list[type]] = []
    for _ in range(9):
        await ticks.sweep()
        record = engine.store.stream(FOLLOW_UP, sample.id)
        told.append([type(each.event) for each in record][1:])
        clock.move(timedelta(days=1))
    assert told[5] == []
    assert told[6] == [FollowUpReminded]
    assert told[7] == told[8] == [FollowUpReminded, FollowUpOverdue]
    assert isinstance(await _close(engine, sample.id), Step)


async def test_what_is_owed_is_debt_of_its_team_with_its_age_and_no_case(
    engine: Engine, clock: HandClock
) -> None:
    """It is no decision: no measure of decisions sees it."""
    sample = await owe_sample(engine, team="search")
    owed = order(FollowUpKind.RENEWAL, id="renewal001", owner=jude, team="ads", room_id="r1")
    await owe(engine, owed.but(severity=Severity.LOW))
    before = cases(engine.store, clock())
    room = engine.store.room_of_violation(sample.violation_id or "")
    assert room
    await engine.handle(room.id, APPROVE, acting(val.name))
    clock.move(timedelta(days=10))
    total = governance_debt(engine.store, clock())
    assert (total.open, total.exceptions, total.follow_ups) == (0, 0, 2)
    assert {team: part.follow_ups for team, part in total.by_team.items()} == {
        "search": 1,
        "ads": 1,
    }
    assert [(each.kind, each.id, each.room) for each in total.liabilities] == [
        (Kind.FOLLOW_UP, sample.id, None),
        (Kind.FOLLOW_UP, "renewal001", "r1"),
    ]
    assert [each.weight for each in total.liabilities] == [40, 10]
    await _close(engine, sample.id)
    assert governance_debt(engine.store, clock()).follow_ups == 1
    assert len(cases(engine.store, clock())) == len(before) == 1


async def test_the_record_proves_each_row_and_an_export_takes_both_along(
    engine: Engine, database: Database, tmp_path: object
) -> None:
    sample = await owe_sample(engine)
    await _close(engine, sample.id)
    file = io.BytesIO()
    copying.write_out(database, ArchiveWriter(file), "1", START, lambda *_: None)
    file.seek(0)
    copy = Database(f"sqlite:///{tmp_path}/copy.db")
    said: list[tuple[str, int, int]] = []
    copying.read_in(copy, ArchiveReader(file), lambda *much: said.append(much))
    assert said[-1] == ("streams checked", 2, 2)
    with copy.read.connect() as connection:
        kept = connection.execute(select(t.follow_ups.c.id, t.follow_ups.c.state)).all()
        assert list(differences(connection)) == [None, None]
    assert kept == [(sample.id, "closed")]
    copy.dispose()


async def test_a_row_that_its_events_dont_give_is_found(engine: Engine, database: Database) -> None:
    sample = await owe_sample(engine)
    document = json.loads(sample.model_dump_json()) | {"owner": viv.name}
    changes: tuple[tuple[dict[str, str], str], ...] = (
        ({"owner": viv.name}, "its columns are not those of its document"),
        ({"document": json.dumps(document)}, "its events give another owner"),
    )
    for values, said in changes:
        with database.write.begin() as connection:
            connection.execute(update(t.follow_ups).values(values))
        with database.read.connect() as connection:
            found = [each for each in differences(connection) if each]
        assert found == [f"follow-up {sample.id}: {said}"]

"""What a decision allows besides: granted with it, used by what comes in, renewed and revoked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import exception as x
from bot.domain import scope
from bot.domain.aggregate import Step
from bot.domain.conditions import Condition, FactType
from bot.domain.exception_life import EXCEPTION
from bot.domain.policy import Band, OfferedScope, Policy, ScopeKind, StormRule, UnknownInitiator
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator, Severity, Violation
from bot.domain.war_room import Category, Outcome, Verdict, WarRoom
from bot.engine.cases import governance_debt
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.engine.wakeups import Wakeups
from bot.storage import exceptions
from bot.storage import tables as t
from bot.storage.arrivals import AnswerRow
from bot.storage.consistency import differences
from bot.storage.database import Database
from bot.storage.rows import insert_rows
from bot.storage.transaction import Transaction
from tests.build import (
    APPROVE,
    JUSTIFICATION,
    POLICY,
    acting,
    ada,
    config,
    eve,
    jude,
    report,
    rules,
    val,
    violation,
    viv,
)
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING

WEEK, DAY = timedelta(days=7), timedelta(days=1)
AGAIN = "The retraining takes a week more, as ticket 4712 says, and nothing else has changed."
OVERRIDE = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=2 * WEEK)
RENEW = x.Renew(reason=AGAIN, validity=20 * DAY)
REVOKE = x.Revoke(reason="It was misused.")
ORIGIN = {"repository": "acme/ranker", "commit": "c1", "run_url": "https://ci.test/1"}


@asynccontextmanager
async def _started(database: Database, clock: HandClock, policy: Policy) -> AsyncIterator[Engine]:
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(policy), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


async def _reported(engine: Engine, delivery: str = "d1", **fields: object) -> Receipt:
    return await engine.report(report(**{"origin": ORIGIN, **fields}), "violations", delivery)


async def _decided(engine: Engine, command: c.Command = OVERRIDE, by: str = jude.name) -> str:
    room_id = (await _reported(engine)).room.id
    assert isinstance(await engine.handle(room_id, command, acting(by)), Step)
    return room_id


def _exception(engine: Engine, room_id: str) -> x.PolicyException | None:
    return engine.store.ask(lambda connection: exceptions.exception(connection, room_id))


def _active(engine: Engine, room_id: str) -> x.PolicyException:
    found = _exception(engine, room_id)
    assert found
    assert found.is_active(engine.now())
    return found


def _room(engine: Engine, room_id: str) -> WarRoom:
    found = engine.store.room(room_id)
    assert found
    return found


def _arrives(
    engine: Engine, transaction: Transaction, new: Violation, policy: Policy = POLICY
) -> x.PolicyException | None:
    """A violation comes in that nobody has asked of yet."""
    row = {"id": new.id, "source": "violations", "delivery_id": new.id, "callback": False}
    row |= {"received_at": new.received_at, "document": new.model_dump_json()}
    insert_rows(transaction.connection, t.violations, [row])
    waived = engine.exceptions.waive(
        transaction, rules(policy), new, (), scope.keys(policy, new.report)
    )
    if not isinstance(waived, x.PolicyException):
        return None
    answer = AnswerRow(policy.id, t.WAIVED, exception_id=waived.id)
    transaction.arrivals.answer(new, answer)
    return waived


async def _waived(engine: Engine, number: int = 2, **fields: object) -> str | None:
    new = violation(number, engine.now(), **{"origin": ORIGIN, **fields})
    found = await engine.write(lambda order: _arrives(engine, order, new))
    return found.id if found else None


async def test_an_approval_and_an_override_make_an_exception_for_the_narrowest_scope(
    engine: Engine, clock: HandClock
) -> None:
    """In the same transaction, until the end that the decision has."""
    orders: tuple[tuple[c.Command, str, timedelta], ...] = (
        (APPROVE, val.name, POLICY.holds),
        (OVERRIDE, jude.name, 2 * WEEK),
    )
    for number, (command, by, until) in enumerate(orders):
        commit = f"c{number}"
        came = await _reported(engine, f"d{number}", origin={**ORIGIN, "commit": commit})
        room_id = came.room.id
        step = await engine.handle(room_id, command, acting(by))
        assert isinstance(step, Step)
        decision, found = step.after.decision, _active(engine, room_id)
        assert decision
        assert decision.scope == found.scope == OfferedScope(kind=ScopeKind.COMMIT)
        assert decision.valid_until == found.until == clock() + until
        assert (found.allowed_by, found.owner, found.reason) == (by, by, decision.reason)
        assert found.initiators == (ada.name,)
        assert found.allows == (
            f"every violation by what has no name at commit {commit} of acme/ranker, "
            "without version, digest or environment, any run, same facts, severity high at most"
        )
    with engine.store.database.read.connect() as connection:
        assert set(differences(connection)) == {None}


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (c.Dismiss(reason="The data set is synthetic."), val.name),
        (c.Reject(reason="The data may not be used."), jude.name),
        (c.Withdraw(), ada.name),
    ],
    ids=lambda value: getattr(value, "verb", value),
)
async def test_no_other_decision_makes_one(engine: Engine, command: c.Command, by: str) -> None:
    """Nor has it an end."""
    room_id = await _decided(engine, command, by)
    assert _exception(engine, room_id) is None
    decision = _room(engine, room_id).decision
    assert decision
    assert (decision.valid_until, decision.scope) == (None, None)
    assert not await _waived(engine)


async def test_the_same_violation_is_waived_and_is_on_record_as_that(engine: Engine) -> None:
    room_id = await _decided(engine)
    assert await _waived(engine, origin={**ORIGIN, "run_url": "https://ci.test/2"}) == room_id
    others: tuple[dict[str, object], ...] = (
        {"origin": {**ORIGIN, "commit": "c2"}},
        {"subject": {"kind": "model", "name": "other"}},
        {"facts": {"to": "customer-eu"}},
        {"severity": Severity.CRITICAL},
    )
    for number, other in enumerate(others, 3):
        assert await _waived(engine, number, **other) is None
    found = _active(engine, room_id)
    assert (found.waived, [each.id for each in found.newest]) == (1, ["violation2"])
    answers = select(t.answers).where(t.answers.c.violation_id == "violation2")
    with engine.store.database.read.connect() as connection:
        answer = connection.execute(answers).one()
        assert set(differences(connection)) == {None}
    assert (answer.kind, answer.exception_id, answer.room_id) == ("exception", room_id, None)


async def test_what_one_order_of_a_batch_has_done_the_later_ones_see(engine: Engine) -> None:
    """A grant covers at once, and a revocation takes effect at once."""
    room_id = (await _reported(engine)).room.id
    new = violation(2, engine.now(), origin=ORIGIN)

    def granted(transaction: Transaction) -> x.PolicyException | None:
        same = scope.keys(POLICY, new.report)
        assert engine.exceptions.waive(transaction, rules(POLICY), new, (), same) == ()
        engine.apply(transaction, room_id, OVERRIDE, acting(jude.name))
        return _arrives(engine, transaction, new)

    found = await engine.write(granted)
    assert found
    assert found.id == room_id
    _, waived = await asyncio.gather(
        engine.exceptions.handle(room_id, REVOKE, acting(jude.name)), _waived(engine, 3)
    )
    assert waived is None


async def test_a_whole_batch_asks_at_once_what_covers_it(engine: Engine) -> None:
    room_id, asked = await _decided(engine), list[str]()
    key = _active(engine, room_id).covers[0].key

    def batch(transaction: Transaction) -> set[str]:
        transaction.exceptions.expect([key, *(f"other {number}" for number in range(50))])
        return {
            each.id
            for number in range(50)
            for each in transaction.exceptions.covering((key, f"other {number}"))
        }

    def heard(*happening: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        asked.append(happening[2])

    event.listen(engine.store.database.write, "before_cursor_execute", heard)
    assert await engine.write(batch) == {room_id}
    assert sum("exception_covers" in statement for statement in asked) == 1


@pytest.mark.parametrize("chosen", ["environment", ""])
async def test_an_exception_is_for_the_scope_that_was_chosen(
    database: Database, clock: HandClock, chosen: str
) -> None:
    scopes = (OfferedScope(kind=ScopeKind.ENVIRONMENT), OfferedScope(kind=ScopeKind.COMMIT))
    policy = POLICY.but(scopes=scopes)
    async with _started(database, clock, policy) as engine:
        origin = {**ORIGIN, "environment": "production"}
        room_id = (await _reported(engine, origin=origin)).room.id
        refused = await engine.handle(room_id, OVERRIDE.but(scope="version"), acting(jude.name))
        assert isinstance(refused, Refusal)
        assert (refused.why, refused.field) == (Why.INVALID, "scope")
        assert refused.message == "Found 'version', this can be allowed for: commit, environment."
        step = await engine.handle(room_id, OVERRIDE.but(scope=chosen), acting(jude.name))
        assert isinstance(step, Step)
        other = violation(2, clock(), origin={**origin, "commit": "c2"})
        waived = await engine.write(lambda order: _arrives(engine, order, other, policy))
        assert bool(waived) is bool(chosen)


async def test_what_falls_into_another_band_is_asked_for_anew(
    database: Database, clock: HandClock
) -> None:
    policy = POLICY.but(
        facts={"psi": FactType.DOUBLE},
        varying=("psi",),
        bands=(
            Band(id="high", when=Condition(text="facts.?psi.orValue(1.0) >= 0.3")),
            Band(id="low"),
        ),
    )
    async with _started(database, clock, policy) as engine:
        room_id = (await _reported(engine, facts={"psi": 0.31})).room.id
        await engine.handle(room_id, OVERRIDE, acting(jude.name))
        assert [each.band for each in _active(engine, room_id).covers] == ["high"]
        for number, psi, waived in ((2, 0.4, True), (3, 0.3, True), (4, 0.29, False)):
            new = violation(number, clock(), origin=ORIGIN, facts={"psi": psi})
            found = await engine.write(partial(_arrives, engine, new=new, policy=policy))
            assert bool(found) is waived, psi


async def test_a_condition_of_the_policys_covers_only_what_it_says_yes_to(
    database: Database, clock: HandClock
) -> None:
    """Nothing, where what was decided on is not known to be of that kind."""
    internal = Condition(text='facts.?to.orValue("") == "internal"')
    inside = OfferedScope(kind=ScopeKind.CONDITION, name="inside", when=internal, words="inside")
    policy = POLICY.but(scopes=(inside,))
    async with _started(database, clock, policy) as engine:
        for number, to in enumerate(("internal", "customer-eu")):
            facts = {"to": to}
            report_of = {"facts": facts, "dedup_key": to}
            room_id = (await _reported(engine, f"d{number}", **report_of)).room.id
            step = await engine.handle(room_id, OVERRIDE.but(scope="inside"), acting(jude.name))
            assert isinstance(step, Step) is (to == "internal")
            if isinstance(step, Refusal):
                assert "for: nothing besides what is in this war room" in step.message
                step = await engine.handle(room_id, OVERRIDE, acting(jude.name))
            decision = _room(engine, room_id).decision
            assert decision
            assert decision.scope == (inside if to == "internal" else None)
            new = violation(number, clock(), origin={"commit": "another"}, facts=facts)
            found = await engine.write(partial(_arrives, engine, new=new, policy=policy))
            assert bool(found) is bool(_active(engine, room_id).covers) is (to == "internal")


@pytest.mark.parametrize(
    ("chosen", "covers", "said"),
    [
        ("commit", 2, "; and so for each of 2 violations; of 1 more nothing else"),
        ("version", 1, "; and so for each of 3 violations"),
    ],
)
async def test_it_says_for_how_many_it_holds_and_has_what_is_the_same_for_several_once(
    database: Database, clock: HandClock, chosen: str, covers: int, said: str
) -> None:
    """One of three is of no commit; all are of one version, and in a storm's room."""
    kinds = (ScopeKind.COMMIT, ScopeKind.VERSION)
    policy = POLICY.but(
        scopes=tuple(OfferedScope(kind=kind) for kind in kinds),
        storm=StormRule(rooms=1, within=timedelta(minutes=5)),
    )
    subject = {"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:7"}
    async with _started(database, clock, policy) as engine:
        await _reported(engine, "before", dedup_key="before")
        for number, commit in enumerate(("c1", "c2", None)):
            fields = {"subject": subject, "origin": {"commit": commit}, "dedup_key": "one"}
            room_id = (await _reported(engine, f"d{number}", **fields)).room.id
        await engine.handle(room_id, OVERRIDE.but(scope=chosen), acting(jude.name))
        found = _active(engine, room_id)
        assert len(found.covers) == covers
        assert found.allows.endswith(said)


async def test_it_covers_each_violation_of_its_room_as_grave_as_that_one_is(
    database: Database, clock: HandClock
) -> None:
    policy = POLICY.but(storm=StormRule(rooms=1, within=timedelta(minutes=5)))
    async with _started(database, clock, policy) as engine:
        await _reported(engine, "d0", dedup_key="before")
        room_id = ""
        for number, severity in ((1, None), (2, Severity.CRITICAL)):
            origin = {**ORIGIN, "commit": f"c{number}"}
            fields = {"origin": origin, "dedup_key": f"k{number}", "severity": severity}
            receipt = await _reported(engine, f"d{number}", **fields)
            room_id = receipt.room.id
        assert _room(engine, room_id).is_storm
        assert isinstance(await engine.handle(room_id, OVERRIDE, acting(jude.name)), Step)
        assert {each.severity for each in _active(engine, room_id).covers} == {
            Severity.HIGH,
            Severity.CRITICAL,
        }
        for number, commit, severity, waived in (
            (10, "c1", Severity.HIGH, True),
            (11, "c1", Severity.CRITICAL, False),
            (12, "c2", Severity.CRITICAL, True),
            (13, "c3", Severity.LOW, False),
        ):
            found = await _waived(
                engine, number, origin={**ORIGIN, "commit": commit}, severity=severity
            )
            assert bool(found) is waived


async def test_whoever_could_take_the_decision_renews_it_and_it_goes_on(
    engine: Engine, clock: HandClock
) -> None:
    room_id = await _decided(engine)
    clock.move(DAY)
    for name in (val.name, ada.name, eve.name):
        refused = await engine.exceptions.handle(room_id, RENEW, acting(name))
        assert isinstance(refused, Refusal), name
    assert _active(engine, room_id).renewals == 0
    step = await engine.exceptions.handle(room_id, RENEW, acting(jude.name))
    assert isinstance(step, Step)
    decision = _room(engine, room_id).decision
    assert decision
    assert (decision.valid_until, decision.at) == (step.after.until, clock() - DAY)
    told = engine.store.record(room_id)[-1].event
    assert isinstance(told, e.ExceptionRenewed)
    assert (told.by, told.reason, told.notify) == (jude.name, AGAIN, ())
    clock.move(2 * WEEK)
    await Clock(engine).sweep()
    assert await _waived(engine) == room_id
    assert _active(engine, room_id).until == step.after.until
    assert _room(engine, room_id).exception_ended_at is None
    owed = governance_debt(engine.store, clock()).liabilities
    assert [(each.room, each.age_days) for each in owed if each.kind == "exception"] == [
        (room_id, 15)
    ]


async def test_validator_adjudicator_and_owner_revoke_it_and_its_room_says_so(
    engine: Engine, clock: HandClock
) -> None:
    room_id = await _decided(engine)
    for name in (ada.name, eve.name):
        refused = await engine.exceptions.handle(room_id, REVOKE, acting(name))
        assert isinstance(refused, Refusal)
        assert refused.why in (Why.OWN_VIOLATION, Why.NOT_ALLOWED)
    step = await engine.exceptions.handle(room_id, REVOKE, acting(viv.name))
    assert isinstance(step, Step)
    assert not await _waived(engine)
    told = engine.store.record(room_id)[-1].event
    assert isinstance(told, e.ExceptionEnded)
    assert told.ended_at == clock() == _room(engine, room_id).exception_ended_at
    assert (told.revoked_by, told.reason, told.notify) == (viv.name, REVOKE.reason, (jude.name,))
    owed = governance_debt(engine.store, clock())
    assert (owed.liabilities, [each.room for each in owed.ended]) == ((), [room_id])
    again = await engine.exceptions.handle(room_id, REVOKE, acting(viv.name))
    assert isinstance(again, Refusal)
    nowhere = await engine.exceptions.handle("nowhere", REVOKE, acting(viv.name))
    assert isinstance(nowhere, Refusal)
    assert nowhere.message == "There is no such exception."


@pytest.mark.parametrize("by", list(UnknownInitiator))
async def test_one_person_alone_renews_nothing_while_somebody_behind_it_is_unknown(
    database: Database, clock: HandClock, by: UnknownInitiator
) -> None:
    """Unless the policy says that the adjudicator may, in writing."""
    policy = POLICY.but(unknown_initiator=by)
    async with _started(database, clock, policy) as engine:
        room_id = (await _reported(engine, initiator=Initiator(github="stranger"))).room.id
        approve = APPROVE.but(reason=JUSTIFICATION)
        for name in (val.name, jude.name):
            await engine.handle(room_id, approve, acting(name))
        assert _active(engine, room_id).reason == JUSTIFICATION
        clock.move(DAY)
        renew = RENEW.but(validity=POLICY.holds)
        first = await engine.exceptions.handle(room_id, renew, acting(val.name))
        second = await engine.exceptions.handle(room_id, renew, acting(jude.name))
        assert isinstance(first, Refusal)
        assert "isn't known who made this change" in first.message
        assert isinstance(second, Step) is (by is UnknownInitiator.ADJUDICATOR)


async def test_its_end_is_told_in_its_room_ahead_and_when_it_has_come(
    engine: Engine, clock: HandClock
) -> None:
    room_id = await _decided(engine)
    seen: list[str] = []
    for _ in range(16):
        clock.move(DAY)
        await Clock(engine).sweep()
        seen += [each.event.kind for each in engine.store.record(room_id)[2 + len(seen) :]]
    told = [kind for kind in seen if kind.startswith("exception")]
    assert told == ["exception_ending", "exception_ending", "exception_ended"]
    record = engine.store.stream(EXCEPTION, room_id)
    assert [each.event.kind for each in record] == ["granted", "warned", "warned", "ended"]
    assert not await _waived(engine)


async def test_nobody_is_told_of_the_end_of_an_approved_commit(
    engine: Engine, clock: HandClock
) -> None:
    """Its room knows of it all the same."""
    room_id = await _decided(engine, APPROVE, val.name)
    clock.move(POLICY.holds)
    await Clock(engine).sweep()
    told = engine.store.record(room_id)[-1].event
    assert isinstance(told, e.ExceptionEnded)
    assert told.notify == ()
    kinds = {each.event.kind for each in engine.store.record(room_id)}
    assert "exception_ending" not in kinds


async def test_what_an_older_version_has_allowed_goes_on_as_an_exception(
    database: Database, clock: HandClock
) -> None:
    """For the narrowest scope; what has ended since is told."""
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    over = await _decided(engine, OVERRIDE.but(validity=DAY))
    other = {**ORIGIN, "commit": "c2"}
    holding = (await _reported(engine, "d2", dedup_key="k2", origin=other)).room.id
    await engine.handle(holding, OVERRIDE, acting(jude.name))
    with database.write.begin() as connection:
        for table in (t.exception_covers, t.exceptions):
            connection.execute(delete(table))
        for table in (t.events, t.timers):
            connection.execute(delete(table).where(table.c.stream_kind == EXCEPTION.kind))
    await asyncio.to_thread(engine.stop)
    clock.move(WEEK)
    engine = Engine(database, config(POLICY), clock, wakeups, FOLLOWING)
    for _ in range(2):  # once is enough
        await engine.start("tests")
    assert _exception(engine, over) is None
    assert _room(engine, over).exception_ended_at
    found = _active(engine, holding)
    assert found.scope == OfferedScope(kind=ScopeKind.COMMIT)
    assert await _waived(engine, origin=other) == holding
    assert await Clock(engine).sweep() == 0  # what lies before it was told by the older version
    clock.move(6 * DAY)
    assert await Clock(engine).sweep() == 1
    with database.read.connect() as connection:
        assert set(differences(connection)) == {None}
    await asyncio.to_thread(engine.stop)


@pytest.mark.parametrize(
    ("command", "by", "weighs"), [(APPROVE, val.name, False), (OVERRIDE, jude.name, True)]
)
async def test_an_approval_that_allows_nothing_besides_is_no_debt(
    engine: Engine, clock: HandClock, command: c.Command, by: str, *, weighs: bool
) -> None:
    room_id = (await _reported(engine, origin={})).room.id
    await engine.handle(room_id, command, acting(by))
    assert governance_debt(engine.store, clock()).exceptions == weighs
    clock.move(14 * DAY)
    assert len(governance_debt(engine.store, clock()).ended) == weighs


async def test_what_has_no_commit_and_no_run_is_allowed_alone(engine: Engine) -> None:
    room_id = (await _reported(engine, origin={})).room.id
    await engine.handle(room_id, OVERRIDE, acting(jude.name))
    found = _active(engine, room_id)
    assert (found.scope, found.covers) == (None, ())
    assert found.allows == "nothing besides what was decided on"
    assert not await _waived(engine, origin={})
    room = _room(engine, room_id)
    assert room.verdict is Verdict.ALLOW
    assert room.decision
    assert room.decision.outcome is Outcome.OVERRIDDEN

"""A new commit ends the rooms of its pull request's older ones, and has an answer of its own."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.aggregate import Step
from bot.domain.person import NEW_COMMIT, TIMEOUT
from bot.domain.policy import OnExpiry, StormRule
from bot.domain.violation import Origin, Subject
from bot.domain.war_room import Outcome, State, Verdict, WarRoom
from bot.engine.cases import cases
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.engine.verdict_json import verdict
from bot.measures.figures import figures
from bot.measures.registry import MEASURES
from bot.storage.consistency import differences
from bot.storage.database import Database
from tests.build import APPROVE, POLICY, acting, ada, jude, report, val
from tests.conftest import HandClock, started

FIRST, SECOND, THIRD = ("1" * 40, "2" * 40, "3" * 40)
RANKER = Subject(kind="model", name="ranker")


async def _sent(
    engine: Engine,
    commit: str | None,
    delivery: str,
    pull_request: int | None = 42,
    **fields: Any,  # noqa: ANN401 - a report's fields
) -> Receipt:
    repository = fields.pop("repository", "acme/ranker")
    origin = Origin(repository=repository, commit=commit, pull_request=pull_request)
    given = {"origin": origin, "subject": RANKER, "dedup_key": None, **fields}
    return await engine.report(report(**given), fields.pop("source", "violations"), delivery)


def _room(engine: Engine, receipt: Receipt) -> WarRoom:
    room = engine.store.room(receipt.room.id)
    assert room
    return room


def _outcome(engine: Engine, receipt: Receipt) -> str | None:
    decision = _room(engine, receipt).decision
    return decision.outcome if decision else None


def _verdict(engine: Engine, receipt: Receipt) -> dict[str, Any]:
    return verdict(
        receipt.violation_id, engine.store.answers(receipt.violation_id) or (), engine.now()
    )


def _consistent(engine: Engine) -> None:
    assert [said for said in engine.store.ask(lambda asked: list(differences(asked))) if said] == []


async def test_a_new_commit_ends_every_open_room_of_older_ones(
    engine: Engine, clock: HandClock
) -> None:
    first = await _sent(engine, FIRST, "d1")
    other = await _sent(engine, FIRST, "d2", subject=Subject(kind="code", name="train.py"))
    elsewhere = [
        await _sent(engine, FIRST, "d3", pull_request=43, dedup_key="a"),
        await _sent(engine, FIRST, "d4", pull_request=None, dedup_key="b"),
        await _sent(engine, FIRST, "d5", repository="acme/other"),
    ]
    clock.move(timedelta(minutes=5))
    second = await _sent(engine, SECOND, "d6", source="gate")
    for ended in (first, other):
        told = _verdict(engine, ended)
        assert (told["verdict"], told["outcome"]) == (Verdict.BLOCK, Outcome.SUPERSEDED)
        assert told["decided_by"] == NEW_COMMIT
        assert f"Commit {SECOND[:12]} of acme/ranker#42" in told["reason"]
    assert all(_outcome(engine, each) is None for each in (second, *elsewhere))
    assert _verdict(engine, second)["verdict"] == Verdict.PENDING
    figured = figures(cases(engine.store, clock()), "s", MEASURES)
    assert set(figured.by_outcome) == {Outcome.SUPERSEDED}
    _consistent(engine)


async def test_an_older_commit_that_comes_once_more_ends_nothing(engine: Engine) -> None:
    await _sent(engine, FIRST, "d1")
    second = await _sent(engine, SECOND, "d2")
    again = await _sent(engine, FIRST, "d3")
    assert again.room.id != second.room.id
    assert _outcome(engine, second) is None
    assert _outcome(engine, again) is None
    # The newer one, once more, ends what the older one has opened.
    await _sent(engine, SECOND, "d4")
    assert _outcome(engine, again) == Outcome.SUPERSEDED
    third = await _sent(engine, THIRD, "d5")
    assert _outcome(engine, second) == Outcome.SUPERSEDED
    assert _outcome(engine, third) is None
    _consistent(engine)


async def test_what_is_decided_or_has_ended_is_not_superseded(
    engine: Engine, clock: HandClock
) -> None:
    decided = await _sent(engine, FIRST, "d1")
    await engine.handle(decided.room.id, c.Reject(reason="Not like this."), acting(jude.name))
    late = await _sent(engine, FIRST, "d2", subject=Subject(kind="code", name="train.py"))
    clock.move(POLICY.window)
    await _sent(engine, SECOND, "d3")
    assert _outcome(engine, decided) == Outcome.REJECTED
    ended = _room(engine, late).decision
    assert ended
    assert (ended.outcome, ended.by) == (Outcome.EXPIRED, TIMEOUT)


async def test_a_commit_that_an_exception_allows_ends_the_others_rooms_too(engine: Engine) -> None:
    allowed = await _sent(engine, FIRST, "d1")
    await engine.handle(allowed.room.id, APPROVE, acting(val.name))
    waiting = await _sent(engine, SECOND, "d2", subject=Subject(kind="code", name="train.py"))
    again = await _sent(engine, FIRST, "d3")  # waived, and older: it ends nothing
    assert again.answers[0].exception
    assert _outcome(engine, waiting) is None


async def test_what_its_initiator_explained_goes_on_in_the_new_commits_room(engine: Engine) -> None:
    first = await _sent(engine, FIRST, "d1")
    await engine.handle(first.room.id, c.Explain(text="It is synthetic."), acting(ada.name))
    await engine.handle(first.room.id, c.RequestInfo(question="All of it?"), acting(jude.name))
    await engine.handle(first.room.id, c.Explain(text="Every row."), acting(ada.name))
    await engine.handle(first.room.id, c.Explain(text="I doubt that."), acting(jude.name))
    other = await _sent(engine, SECOND, "d2", subject=Subject(kind="code", name="train.py"))
    assert _room(engine, other).earlier.count == 0
    second = await _sent(engine, SECOND, "d3")
    third = await _sent(engine, THIRD, "d4")
    for receipt in (second, third):
        room = _room(engine, receipt)
        told = [(each.question, each.text, each.by, each.room) for each in room.earlier.newest]
        assert told == [
            (None, "It is synthetic.", ada.name, first.room.id),
            ("All of it?", "Every row.", ada.name, first.room.id),
        ]
        assert (room.explanation, room.question, room.acknowledged) == (None, None, {})
    _consistent(engine)


async def test_all_that_comes_at_once_is_settled_in_its_order(roomy: Engine) -> None:
    subjects = [Subject(kind="code", name=f"{number}.py") for number in range(5)]
    receipts = await asyncio.gather(
        *(
            _sent(roomy, commit, f"{commit}-{subject.name}", subject=subject)
            for commit in (FIRST, SECOND, THIRD)
            for subject in subjects
        )
    )
    outcomes = [_outcome(roomy, each) for each in receipts]
    assert outcomes == [Outcome.SUPERSEDED] * 10 + [None] * 5
    _consistent(roomy)


STORMY = POLICY.but(storm=StormRule(rooms=1))


async def test_a_storm_of_one_pull_request_is_superseded_and_one_of_several_is_not(
    database: Database,
    clock: HandClock,
) -> None:
    async with started(database, clock, STORMY) as engine:
        sent = partial(_sent, engine)
        await sent(FIRST, "d0", pull_request=7)
        one = [await sent(FIRST, f"d1{n}", subject=Subject(name=f"{n}")) for n in range(3)]
        assert _room(engine, one[0]).is_storm
        two = await sent(SECOND, "d2")
        assert _room(engine, two).is_storm
        assert {_outcome(engine, each) for each in one} == {Outcome.SUPERSEDED}
        other = await sent(FIRST, "d3", pull_request=8, subject=Subject(name="other"))
        assert other.room.id == two.room.id
        three = await sent(THIRD, "d4")
        assert three.room.id == two.room.id
        assert _outcome(engine, two) is None
        _consistent(engine)


KEYED: Any = {"dedup_key": "the-same"}


@pytest.mark.parametrize("changed", [{"commit": SECOND}, {"digest": "sha256:2"}, {"commit": None}])
async def test_the_same_key_of_another_commit_or_digest_gets_an_answer_of_its_own(
    engine: Engine, changed: dict[str, Any]
) -> None:
    async def sent(delivery: str, commit: str | None = FIRST, digest: str = "sha256:1") -> Receipt:
        subject = RANKER.but(digest=digest)
        return await _sent(engine, commit, delivery, None, subject=subject, **KEYED)

    first = await sent("d1")
    assert (await sent("d2")).room.id == first.room.id
    other = await sent("d3", **changed)
    assert other.room.id != first.room.id
    assert (await sent("d4", **changed)).room.id == other.room.id
    await engine.handle(first.room.id, APPROVE, acting(val.name))
    assert _verdict(engine, first)["verdict"] == Verdict.ALLOW
    assert _verdict(engine, other)["verdict"] == Verdict.PENDING
    # Decided or not: what comes in now joins its own, or opens one.
    assert (await sent("d5", **changed)).room.id == other.room.id
    await engine.handle(other.room.id, c.Reject(reason="Not like this."), acting(jude.name))
    again = await sent("d6", **changed)
    assert again.room.id not in (first.room.id, other.room.id)
    assert _verdict(engine, again)["verdict"] == Verdict.PENDING
    waived = await sent("d7")
    assert waived.answers[0].exception  # its own commit is what the exception's scope covers
    _consistent(engine)


async def test_in_a_storm_one_key_of_two_commits_is_two_decisions(
    database: Database,
    clock: HandClock,
) -> None:
    async with started(database, clock, STORMY) as engine:
        sent = partial(_sent, engine, pull_request=None)
        await sent(FIRST, "d0", dedup_key="before")
        first, second = await sent(FIRST, "d1", **KEYED), await sent(SECOND, "d2", **KEYED)
        again = await sent(FIRST, "d3", **KEYED)
        storm = _room(engine, first)
        assert storm.is_storm
        assert (storm.count, storm.contents.one_key) == (3, False)
        split = c.Split(violation_id=first.violation_id)
        step = await engine.handle(storm.id, split, acting(val.name))
        assert isinstance(step, Step)
        (left,) = (each.event for each in step.events if isinstance(each.event, e.Split))
        assert set(left.violations) == {first.violation_id, again.violation_id}
        assert _room(engine, second).id == storm.id
        await engine.handle(left.to, APPROVE, acting(val.name))
        assert _verdict(engine, first)["verdict"] == Verdict.ALLOW
        assert _verdict(engine, second)["verdict"] == Verdict.PENDING
        own = await sent(THIRD, "d4", **KEYED)
        assert _room(engine, own).state is State.OPEN
        assert _verdict(engine, own)["verdict"] == Verdict.PENDING
        _consistent(engine)


async def test_what_is_overdue_goes_by_its_policys_default_and_not_by_a_new_commit(
    database: Database,
    clock: HandClock,
) -> None:
    policy = POLICY.but(on_expiry=OnExpiry.ALLOW)
    async with started(database, clock, policy) as engine:
        first = await _sent(engine, FIRST, "d1")
        clock.move(policy.window)
        second = await _sent(engine, SECOND, "d2")
        assert _verdict(engine, first)["verdict"] == Verdict.ALLOW
        assert _verdict(engine, second)["verdict"] == Verdict.PENDING


async def test_a_commit_of_another_repository_is_another_one(
    database: Database, clock: HandClock
) -> None:
    """A fork has the same commits, and may use the same key."""
    async with started(database, clock, POLICY) as engine:
        sent = partial(_sent, engine, FIRST, dedup_key="same", pull_request=None)
        ours = await sent("d1")
        theirs = await sent("d2", repository="somebody/ranker")
        unnamed = await sent("d3", repository=None)
        assert len({each.room.id for each in (ours, theirs, unnamed)}) == 3
        await engine.handle(ours.room.id, APPROVE, acting(val.name))
        assert _verdict(engine, theirs)["verdict"] == Verdict.PENDING
        assert (await sent("d4", repository="somebody/ranker")).room.id == theirs.room.id
        _consistent(engine)


async def test_what_a_violation_costs_does_not_grow_with_the_rooms_of_its_commit(
    database: Database, clock: HandClock
) -> None:
    asked: list[str] = []
    event.listen(database.write, "before_cursor_execute", lambda *given: asked.append(given[2]))
    async with started(database, clock, POLICY) as engine:
        sent = partial(_sent, engine)
        for number in range(3):
            await sent(FIRST, f"first {number}", dedup_key=f"{number}")
        costs = []
        for number in range(6):
            asked.clear()
            await sent(SECOND, f"second {number}", dedup_key=f"{number}")
            costs.append(len(asked))
        assert costs[0] > costs[1]  # it has ended rooms
        assert len(set(costs[1:])) == 1


@pytest.mark.only_on("postgresql", reason="on SQLite there is one process")
async def test_of_commits_that_come_to_two_processes_at_once_one_is_the_newest(
    database: Database, clock: HandClock
) -> None:
    theirs = Database(database.url.render_as_string(hide_password=False))
    async with started(database, clock, POLICY) as one, started(theirs, clock, POLICY) as two:
        sent = [
            _sent(engine, f"{number}" * 40, f"d{number}")
            for number, engine in enumerate((one, two) * 4)
        ]
        receipts = await asyncio.gather(*sent)
        outcomes = [_outcome(one, each) for each in receipts]
        assert sorted(map(str, outcomes)) == ["None"] + [Outcome.SUPERSEDED] * 7
        _consistent(one)
    theirs.dispose()

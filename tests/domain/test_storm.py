"""The room of a storm: every command and role in it, and what leaves it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import access
from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.aggregate import Recorded, Step
from bot.domain.contents import NEWEST
from bot.domain.events import Event
from bot.domain.fold import fold
from bot.domain.lifecycle import TABLE, RoomStep, open_room
from bot.domain.makers import Maker, names_of
from bot.domain.person import SYSTEM, Person
from bot.domain.policy import Role
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Initiator, Severity, Violation
from bot.domain.war_room import Outcome, WarRoom
from tests.build import (
    APPROVE,
    NAMES,
    POLICY,
    START,
    ada,
    decide,
    eve,
    jude,
    made_by,
    rules,
    val,
    violation,
    viv,
)
from tests.domain.test_lifecycle import ADDRESS, MOMENTS, ORDERS, PEOPLE, SOON

LOST = "lost@acme.test"


def _one(number: int, who: Person = ada, **fields: object) -> Violation:
    made = {"dedup_key": f"key {number}", "initiator": Initiator(slack=who.slack)}
    return violation(number, START, **{**made, **fields})


def _by_mail(number: int, email: str = LOST) -> Violation:
    return _one(number, initiator=Initiator(email=email))


def _joins(number: int, who: Person) -> c.Join:
    return c.Join(violation=_one(number, who), makers=made_by(who))


def _joins_by_mail(number: int, email: str = LOST) -> c.Join:
    return c.Join(violation=_by_mail(number, email), makers=made_by(None, f"email:{email.lower()}"))


def _first() -> RoomStep:
    return open_room("room000001", violation(1), made_by(ada), rules(), START, is_storm=True)


def _take(room: WarRoom, *orders: c.Command, actor: str = SYSTEM) -> WarRoom:
    for order in orders:
        answer = decide(room, order, actor, POLICY, SOON)
        assert isinstance(answer, Step), answer
        room = answer.after
    return room


STORM = (violation(1), _one(2, eve), violation(3), _one(4))


def _storm() -> WarRoom:
    """Of Ada two with one key and one with another, of Eve one."""
    return _take(
        _first().after,
        _joins(2, eve),
        c.Join(violation=violation(3), makers=made_by(ada)),
        _joins(4, ada),
    )


def _makers(one: Violation) -> tuple[Maker, ...]:
    name, email = NAMES.get(one.report.initiator.slack or ""), one.report.initiator.email
    if name:
        return (Maker(names=(name,), known=True),)
    return (Maker(accounts=(f"email:{email.lower()}",)),) if email else ()


def _written(one: Violation) -> str:
    return one.model_dump_json()


def split(
    present: tuple[Violation, ...],
    violation_id: str,
    to: str = "room000002",
    made: Mapping[str, tuple[Maker, ...]] | None = None,
) -> c.Split:
    """The order to split one off, with what the database would say of those that are there.

    `made` has who was found to be behind them, where it isn't whom the report names.
    """
    key = next((each.report.key for each in present if each.id == violation_id), None)
    leaving = tuple(each for each in present if each.report.key == key)
    first, *others = (each for each in present if each not in leaving)
    makers = (made[_written(each)] if made else _makers(each) for each in leaving)
    held = (c.Held(violation=one, makers=by) for one, by in zip(leaving, makers, strict=True))
    keys = {each.report.key for each in (first, *others)}
    remaining = c.Remaining(first=first, newest=tuple(others[-NEWEST:]), one_key=len(keys) == 1)
    return c.Split(
        violation_id=violation_id,
        to=to,
        leaving=tuple(held),
        remaining=remaining if key else None,
    )


MORE: tuple[c.Command, ...] = (
    *ORDERS,
    _joins(5, eve),
    _joins_by_mail(6),
    _joins_by_mail(7),
    c.IdentifyInitiator(account=ADDRESS, persons=(jude,)),
    c.IdentifyInitiator(account=ADDRESS, persons=()),
)


@pytest.mark.parametrize("actor", PEOPLE)
@pytest.mark.parametrize(
    "command",
    [*MORE, split(STORM, "violation1"), split(STORM, "violation2"), split(STORM, "violation9")],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize("decided", [False, True])
def test_in_a_storm_too_a_command_gives_a_step_of_the_table_or_a_refusal_that_changes_nothing(
    command: c.Command, actor: str, *, decided: bool
) -> None:
    before = _take(_storm(), APPROVE, actor=val.name) if decided else _storm()
    kept = before.model_dump_json()
    for now in MOMENTS:
        answer = decide(before, command, actor, POLICY, now)
        assert before.model_dump_json() == kept
        if isinstance(answer, Refusal):
            assert answer.message
        else:
            row = TABLE[before.state, type(command)]
            proposed = isinstance(answer.events[-1].event, e.Proposed)
            assert answer.after.state is (row.proposed if proposed else row.to)
            if type(command) in access.HUMAN:
                assert access.acting_role(before, actor, type(command))


SPLITS = st.integers(1, 7).map(lambda number: f"violation{number}")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(MORE) | SPLITS, st.sampled_from(PEOPLE), st.integers(0, 3600))
    )
)
def test_the_fold_of_a_storms_events_is_its_room_and_nothing_in_it_is_lost(
    orders: list[tuple[c.Command | str, str, int]],
) -> None:
    record: list[Recorded[Event]] = list(_first().events)
    current, now = _first().after, START
    there: tuple[Violation, ...] = (violation(1),)
    made = {_written(violation(1)): _makers(violation(1))}
    gone = 0
    for order, actor, seconds in orders:
        now += timedelta(seconds=seconds)
        if isinstance(order, str) and len({each.report.key for each in there}) == 1:
            continue
        command = split(there, order, made=made) if isinstance(order, str) else order
        if isinstance(command, c.Join) and command.violation in there:
            continue
        answer = decide(current, command, actor, POLICY, now)
        if not isinstance(answer, Step):
            continue
        record += answer.events
        current = answer.after
        if isinstance(command, c.Join):
            there = (*there, command.violation)
            joined = answer.events[0].event
            assert isinstance(joined, e.Joined)
            made[_written(joined.violation)] = joined.makers
        if isinstance(command, c.Split):
            left = [held.violation for held in command.leaving]
            there = tuple(each for each in there if each not in left)
            gone += len(command.leaving)
    assert fold(record) == current
    assert WarRoom.read(current.model_dump_json()) == current
    contents = current.contents
    assert (current.count, current.split_off) == (len(there), gone)
    held = tuple(each.brief for each in there)
    assert (contents.first, contents.newest) == (held[0], held[1:][-NEWEST:])
    assert contents.one_key == (len({each.report.key for each in there}) == 1)
    assert sum(each.count for each in contents.made_by) == len(there)
    makers = [maker for each in contents.made_by for maker in each.makers]
    assert set(names_of(makers, current.owners)) == set(current.initiators)
    if current.decision and current.decision.outcome is not Outcome.WITHDRAWN:
        assert current.decision.by not in current.initiators


def test_what_has_one_key_leaves_together_and_the_room_keeps_the_others() -> None:
    after = _take(_storm(), split(STORM, "violation3"), actor=val.name)
    assert [after.violation.id, after.newest.id] == ["violation2", "violation4"]
    assert (after.count, after.split_off) == (2, 2)
    assert after.initiators == (ada.name, eve.name)
    assert val.name in after.acknowledged


def test_who_made_only_what_has_left_is_no_initiator_any_more_and_gets_no_role_back() -> None:
    joined = _take(_storm(), _joins(5, val))
    assert isinstance(decide(joined, APPROVE, val.name, POLICY, SOON), Refusal)
    after = _take(joined, split((*STORM, _one(5, val)), "violation5"), actor=viv.name)
    assert val.name not in after.initiators
    assert isinstance(decide(after, APPROVE, val.name, POLICY, SOON), Refusal)
    assert isinstance(decide(after, APPROVE, viv.name, POLICY, SOON), Step)


def test_only_a_storm_of_several_keys_can_be_split_and_only_what_is_in_it() -> None:
    order = split(STORM, "violation1")
    same = _take(_first().after, c.Join(violation=violation(2), makers=made_by(ada)))
    for room in (same, _first().after):
        refusal = decide(room, order, val.name, POLICY, SOON)
        assert isinstance(refusal, Refusal)
        assert refusal.why is Why.NOTHING_TO_DO
    gone = decide(_storm(), split(STORM, "violation9"), val.name, POLICY, SOON)
    assert isinstance(gone, Refusal)
    assert (gone.why, gone.field) == (Why.INVALID, "violation")


def test_an_initiator_withdraws_a_storm_only_where_all_of_it_is_theirs() -> None:
    refusal = decide(_storm(), c.Withdraw(), eve.name, POLICY, SOON)
    assert isinstance(refusal, Refusal)
    assert "settle yours apart" in refusal.message
    own = _take(_storm(), split(STORM, "violation2"), actor=val.name)
    assert isinstance(decide(own, c.Withdraw(), ada.name, POLICY, SOON), Step)


def test_a_storms_room_is_as_severe_as_the_worst_in_it_and_of_no_team() -> None:
    low = violation(1, severity=Severity.LOW, team="search")
    step = open_room("room000001", low, made_by(ada), rules(), START, is_storm=True)
    assert (step.after.severity, step.after.team) == (POLICY.severity, None)
    worse = c.Join(violation=_one(2, severity=Severity.CRITICAL), makers=made_by(ada))
    better = c.Join(violation=_one(3, severity=Severity.LOW), makers=made_by(ada))
    assert _take(step.after, worse, better).severity is Severity.CRITICAL


def test_slacks_answer_for_an_address_holds_for_all_and_later() -> None:
    waiting = _take(
        _storm(),
        _joins_by_mail(5),
        _joins_by_mail(6, LOST.upper()),
        _joins_by_mail(7, "other@acme.test"),
    )
    told = _take(waiting, c.IdentifyInitiator(account=ADDRESS, persons=(val,)))
    assert told.awaited == ("email:other@acme.test",)
    assert val.name in told.initiators
    late = _take(told, _joins_by_mail(8))
    assert (late.awaited, late.unknown_makers) == (told.awaited, told.unknown_makers)


def test_of_an_address_that_slack_does_not_know_nobody_is_awaited_later() -> None:
    told = _take(_storm(), _joins_by_mail(5), c.IdentifyInitiator(account=ADDRESS, persons=()))
    late = _take(told, _joins_by_mail(6))
    assert late.awaited == ()
    assert len(late.unknown_makers) == 1


def test_validators_and_adjudicators_may_split_a_storm_and_initiators_may_not() -> None:
    may = {role for role in Role if c.Split in access.MAY[role]}
    assert may == {Role.VALIDATOR, Role.ADJUDICATOR}

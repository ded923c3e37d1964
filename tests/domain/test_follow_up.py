"""Follow-ups: owed once, closed once, by whoever may; the clock tells, and changes nothing else."""

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.aggregate import Step
from bot.domain.follow_up import (
    CloseFollowUp,
    Command,
    FollowUp,
    FollowUpClosed,
    FollowUpKind,
    FollowUpOverdue,
    FollowUpOwed,
    FollowUpReminded,
    FollowUpState,
    NameHolders,
    Owe,
    RecordAsked,
    RecordNotReached,
    Remind,
    SampleAnswer,
    TellOverdue,
    sampled,
)
from bot.domain.follow_up_lifecycle import FOLLOW_UP, OVERDUE, REMIND, decide
from bot.domain.messages import PostedMessage
from bot.domain.person import BY_SYSTEM, EMAIL, SYSTEM, Actor, Person, account, unlisted
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Severity
from tests.build import EVERYBODY, START, acting, ada, bea, eve, jude, val, viv

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
YES = CloseFollowUp(answer=SampleAnswer.YES)
NO = CloseFollowUp(answer=SampleAnswer.NO, reason="The data were not anonymous.")
LINK = CloseFollowUp(link="https://tickets.test/4711")
MESSAGE = PostedMessage(channel="D0VAL", ts="1.000001")


def order(kind: FollowUpKind = FollowUpKind.SAMPLE, **fields: object) -> Owe:
    given = {
        "id": "followup01",
        "kind": kind,
        "owner": val,
        "others": (viv,),
        "initiators": (ada,),
        "violation_id": "violation1",
        "policy_id": "model-export",
        "severity": Severity.HIGH,
        "team": "search",
        "title": "ranker exported to the warehouse",
        "because": "the rule internal-copies (policies.yaml:7): Copies inside the company.",
        "until": START + WEEK,
        **fields,
    }
    return Owe.model_validate(given)


def owed(kind: FollowUpKind = FollowUpKind.SAMPLE, **fields: object) -> FollowUp:
    step = decide(None, order(kind, **fields), BY_SYSTEM, None, START)
    assert isinstance(step, Step), step
    return step.after


def take(
    before: FollowUp, command: Command, actor: Actor = BY_SYSTEM, at: datetime = START
) -> FollowUp:
    step = decide(before, command, actor, None, at)
    assert isinstance(step, Step), step
    return step.after


def refused(
    before: FollowUp, command: Command | Owe, actor: Actor, at: datetime = START
) -> Refusal:
    answer = decide(before, command, actor, None, at)
    assert isinstance(answer, Refusal), answer
    return answer


def due(before: FollowUp) -> dict[str, datetime]:
    return {timer.name: timer.due_at for timer in FOLLOW_UP.next_timers(before, None)}


COMMANDS: tuple[Command | Owe, ...] = (
    order(),
    YES,
    NO,
    LINK,
    CloseFollowUp(),
    Remind(),
    TellOverdue(),
    RecordAsked(name=val.name, message=MESSAGE),
    RecordNotReached(name=val.name, error="user_disabled"),
    RecordNotReached(name=viv.name, error="user_disabled"),
    NameHolders(members=(ada, bea)),
)
ACTORS = (BY_SYSTEM, *(acting(who.name) for who in EVERYBODY))
TAKEN = st.tuples(
    st.sampled_from(COMMANDS), st.sampled_from(ACTORS), st.integers(min_value=0, max_value=80)
)


@settings(deadline=None)
@given(
    kind=st.sampled_from(FollowUpKind),
    group=st.sampled_from([None, "S0PRIVACY"]),
    taken=st.lists(TAKEN, max_size=12),
)
def test_no_sequence_of_commands_leaves_it_open_and_closed_and_a_refusal_changes_nothing(
    kind: FollowUpKind, group: str | None, taken: list[tuple[Command | Owe, Actor, int]]
) -> None:
    """It is closed exactly where it says how, by one event, by nobody who made the change.

    The clock tells once, and what its events give is what it is.
    """
    now = owed(kind, group=group)
    events = []
    for command, actor, hours in sorted(taken, key=lambda each: each[2]):
        before = now.model_copy(deep=True)
        answer = decide(now, command, actor, None, START + timedelta(hours=3 * hours))
        assert now == before
        if isinstance(answer, Step):
            assert now.version + 1 == answer.after.version
            assert FOLLOW_UP.evolve(now, answer.events[0]) == answer.after
            now = answer.after
            events += [each.event for each in answer.events]
        assert (now.state is FollowUpState.CLOSED) == (now.closure is not None)
        assert bool(due(now)) == (now.state is FollowUpState.OPEN and not now.was_overdue)
        assert ada.name not in now.holders
    for once in (FollowUpClosed, FollowUpReminded, FollowUpOverdue):
        assert sum(isinstance(event, once) for event in events) <= 1
    if now.closure:
        assert now.closure.by in {val.name, viv.name, bea.name, SYSTEM}
        assert not any(isinstance(event, FollowUpOwed) for event in events)


@pytest.mark.parametrize("who", [val, viv], ids=lambda who: who.name)
def test_the_owner_and_whoever_else_holds_the_role_may_close_it(who: Person) -> None:
    closed = take(owed(), NO, acting(who.name), START + DAY)
    assert closed.state is FollowUpState.CLOSED
    assert closed.closure
    assert (closed.closure.by, closed.closure.at) == (who.name, START + DAY)
    assert (closed.closure.answer, closed.closure.reason) == (SampleAnswer.NO, NO.reason)


@pytest.mark.parametrize("who", [jude, eve], ids=lambda who: who.name)
def test_nobody_else_may_and_they_are_told_who_may(who: Person) -> None:
    refusal = refused(owed(), YES, acting(who.name))
    assert refusal.why is Why.NOT_ALLOWED
    assert refusal.message == "Follow-up followup01 can be closed by val, viv alone."


def test_who_made_the_change_never_answers_for_it_by_whatever_account() -> None:
    address = account(EMAIL, "val@home.test")
    sample = owed(owner=viv, others=(val, ada), initiators=(ada, unlisted(address)))
    assert refused(sample, YES, acting(ada.name)).why is Why.OWN_VIOLATION
    listed = val.but(accounts=(*val.accounts, address))
    also = Actor(person=val, account=val.accounts[0], also=(address,))
    for actor in (Actor(person=listed, account=listed.accounts[0]), also):
        assert refused(sample, YES, actor).why is Why.OWN_VIOLATION


def test_nothing_is_owed_by_whoever_made_the_change_nor_by_nobody_nor_in_the_past() -> None:
    for fields in ({"owner": ada}, {"owner": None}, {"until": START}):
        assert isinstance(decide(None, order(**fields), BY_SYSTEM, None, START), Refusal)


def test_a_sample_is_closed_with_an_answer_and_a_no_with_its_reason() -> None:
    assert refused(owed(), LINK, acting(val.name)).why is Why.INVALID
    bare = CloseFollowUp(answer=SampleAnswer.NO, reason=" . ")
    assert refused(owed(), bare, acting(val.name)).field == "reason"
    assert take(owed(), YES, acting(val.name)).closure


@pytest.mark.parametrize("done", [LINK, CloseFollowUp(reason="It was retrained.")])
def test_a_renewal_is_closed_with_a_link_or_a_reason(done: CloseFollowUp) -> None:
    closure = take(owed(FollowUpKind.RENEWAL), done, acting(val.name)).closure
    assert closure
    assert (closure.link or "", closure.reason or "") == (done.link, done.reason)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (CloseFollowUp(), "reason"),
        (CloseFollowUp(link=" ", reason="  "), "reason"),
        (CloseFollowUp(reason="…"), "reason"),
        (YES, "reason"),
        (CloseFollowUp(link="javascript:alert(1)"), "link"),
        (CloseFollowUp(link="https://a.test/<!channel>"), "link"),
        (CloseFollowUp(link="ftp://a.test/1", reason="It was retrained."), "link"),
        (CloseFollowUp(link=f"https://a.test/{'x' * 2000}"), "link"),
    ],
)
def test_and_with_nothing_less(wrong: CloseFollowUp, field: str) -> None:
    refusal = refused(owed(FollowUpKind.RENEWAL), wrong, acting(val.name))
    assert (refusal.why, refusal.field) == (Why.INVALID, field)


def test_what_is_closed_says_by_whom_and_when_and_takes_nothing_more() -> None:
    closed = take(owed(), YES, acting(viv.name), START + DAY)
    for command in (NO, order()):
        refusal = refused(closed, command, acting(val.name))
        assert refusal.why is Why.DECIDED
        assert refusal.message == "Follow-up followup01 was closed by viv on 21 Nov 2026 09:00 UTC."


@pytest.mark.parametrize(
    ("time", "before"), [(WEEK, DAY), (2 * DAY, DAY), (DAY, DAY / 2), (DAY / 2, DAY / 4)]
)
def test_the_owner_is_reminded_a_day_before_or_at_half_of_a_short_time(
    time: timedelta, before: timedelta
) -> None:
    sample = owed(until=START + time)
    assert due(sample) == {REMIND: START + time - before, OVERDUE: START + time}
    assert FOLLOW_UP.due_command(sample, None, START + time - before - timedelta(seconds=1)) is None
    reminded = take(sample, Remind(), at=START + time - before)
    assert due(reminded) == {OVERDUE: START + time}
    assert FOLLOW_UP.due_command(reminded, None, START + time - before) is None


def test_being_overdue_is_told_once_and_changes_nothing() -> None:
    """After the end nobody is reminded of it, and it can be closed as before."""
    sample = owed()
    assert FOLLOW_UP.due_command(sample, None, START + WEEK) == (TellOverdue(), BY_SYSTEM)
    overdue = take(sample, TellOverdue(), at=START + WEEK)
    assert overdue.state is FollowUpState.OPEN
    assert due(overdue) == {}
    assert take(overdue, YES, acting(val.name), START + 2 * WEEK).closure


def test_whom_slack_cant_reach_makes_way_for_the_next_and_may_still_close_it() -> None:
    passed = take(owed(others=(viv, bea)), RecordNotReached(name=val.name, error="user_disabled"))
    assert (passed.owner, set(passed.others)) == (viv.name, {val.name, bea.name})
    again = take(passed, RecordNotReached(name=viv.name, error="user_disabled"))
    assert again.owner == bea.name
    assert take(again, RecordNotReached(name=bea.name, error="x")).owner == bea.name
    assert take(again, YES, acting(val.name)).closure


def test_a_user_group_gives_an_owner_who_made_no_part_of_the_change() -> None:
    waiting = owed(owner=None, others=(bea,), group="S0PRIVACY")
    assert refused(waiting, YES, acting(val.name)).why is Why.NOT_ALLOWED
    named = take(waiting, NameHolders(members=(ada, viv, val)))
    assert named.holders == (viv.name, val.name, bea.name)
    assert take(named, YES, acting(val.name)).closure
    nobody = take(waiting, NameHolders(members=(ada,)))
    assert nobody.holders == (bea.name,)


def test_a_message_that_was_under_way_while_it_was_closed_is_known_too() -> None:
    closed = take(owed(), YES, acting(viv.name))
    known = take(closed, RecordAsked(name=val.name, message=MESSAGE))
    assert known.asked == {val.name: MESSAGE}


@given(st.text(st.characters(codec="utf-8"), max_size=30), st.floats(0, 1))
def test_a_sample_is_drawn_by_the_ids_hash_so_that_anybody_can_check_it(
    violation_id: str, share: float
) -> None:
    first = sha256(violation_id.encode()).digest()[:8]
    by_hand = sum(byte / 256 ** (place + 1) for place, byte in enumerate(first))
    if abs(by_hand - share) > 1e-9:
        assert sampled(violation_id, share) == (by_hand < share)


def test_of_many_violations_about_the_share_is_drawn_none_of_none_and_all_of_all() -> None:
    ids = [f"violation{number}" for number in range(5000)]
    assert sum(sampled(each, 0.02) for each in ids) == pytest.approx(100, abs=40)
    assert not any(sampled(each, 0.0) for each in ids)
    assert all(sampled(each, 1.0) for each in ids)
    drawn = {each for each in ids if sampled(each, 0.02)}
    assert drawn <= {each for each in ids if sampled(each, 0.1)}

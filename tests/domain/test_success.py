"""A check that succeeds after all: what the room keeps of it, and that it decides nothing."""

from datetime import datetime, timedelta

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.contents import NEWEST
from bot.domain.person import SYSTEM
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Origin, Success
from bot.domain.war_room import Outcome, State, Verdict, WarRoom
from tests.build import (
    APPROVE,
    POLICY,
    START,
    WITHIN_POLICY,
    ada,
    decide,
    made_by,
    room,
    val,
    violation,
)
from tests.domain.test_lifecycle import SOON
from tests.slack.hostile import holding

KEY = violation().report.key
RUN = "https://github.com/acme/ranker/actions/runs/1"


def _success(at: datetime = SOON, key: str = KEY, attempt: int | None = 2) -> c.RecordSuccess:
    success = Success(key=key, check="Guardrails", at=at, run_url=RUN, attempt=attempt)
    return c.RecordSuccess(success=success)


def _after(before: WarRoom, *orders: c.Command, actor: str = SYSTEM) -> WarRoom:
    for order in orders:
        answer = decide(before, order, actor, POLICY, SOON)
        assert isinstance(answer, Step), answer
        before = answer.after
    return before


def _failed_again(at: datetime) -> c.Join:
    return c.Join(violation=violation(2).but(detected_at=at), makers=made_by(ada))


def test_a_success_is_kept_and_the_decision_stays_peoples() -> None:
    here = _after(room(), _success())
    assert (here.state, here.verdict) == (State.OPEN, Verdict.PENDING)
    assert here.fixed
    assert here.fixed.attempt == 2
    assert here.acknowledged == {}
    decided = _after(here, APPROVE, actor=val.name)
    assert decided.decision
    assert (decided.decision.outcome, decided.decision.reason) == (Outcome.APPROVED, WITHIN_POLICY)


def test_a_withdrawal_after_it_says_why_unless_whoever_withdraws_does() -> None:
    def reason(before: WarRoom, note: str = "") -> str:
        decision = _after(before, c.Withdraw(note=note), actor=ada.name).decision
        assert decision
        assert decision.verdict is Verdict.BLOCK
        return decision.reason

    fixed = _after(room(), _success())
    assert reason(fixed) == f"fixed: the same check succeeded, attempt 2: {RUN}"
    first = violation(origin=Origin(commit="8c1f2a7"))
    on_commit = _after(holding(room(), first), _success(attempt=None))
    assert reason(on_commit) == f"fixed: the same check succeeded on the same commit: {RUN}"
    assert reason(fixed, "A flaky test.") == "A flaky test."
    assert reason(room()) == ""


def test_a_later_failure_takes_the_offer_back_and_an_earlier_one_does_not() -> None:
    fixed = _after(room(), _success())
    assert _after(fixed, _failed_again(SOON + timedelta(minutes=1))).fixed is None
    assert _after(fixed, _failed_again(SOON)).fixed is None, "at one time the last to come counts"
    assert _after(fixed, _failed_again(SOON - timedelta(minutes=1))).fixed == fixed.fixed
    again = _after(fixed, _failed_again(SOON), _success(SOON + timedelta(minutes=2), attempt=4))
    assert again.fixed
    assert again.fixed.attempt == 4


def test_a_success_that_ended_before_the_newest_failure_is_refused() -> None:
    failed = _after(room(), _failed_again(SOON))
    answer = decide(failed, _success(SOON - timedelta(seconds=1)), SYSTEM, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert "has failed again" in answer.message


def test_a_second_success_says_nothing_new() -> None:
    """A workflow and the check of its job have one name, and both report."""
    fixed = _after(room(), _success())
    answer = decide(fixed, _success(SOON + timedelta(seconds=5)), SYSTEM, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.NOTHING_TO_DO


def test_nobody_but_the_room_itself_records_a_success_and_only_in_an_open_one() -> None:
    for who in (ada.name, val.name):
        answer = decide(room(), _success(), who, POLICY, SOON)
        assert isinstance(answer, Refusal)
        assert answer.why is Why.NOT_ALLOWED
    decided = _after(room(), c.Withdraw(), actor=ada.name)
    assert isinstance(decide(decided, _success(), SYSTEM, POLICY, SOON), Refusal)


def test_among_others_in_a_storm_nothing_is_fixed_by_one_success() -> None:
    storm = holding(room(), violation(), violation(2, dedup_key="other")).but(is_storm=True)
    here = _after(storm, _success())
    assert len(here.successes) == 1
    assert here.fixed is None
    own = here.but(contents=here.contents.but(one_key=True))
    assert own.fixed == here.successes[0]


def test_a_room_keeps_the_newest_successes_and_no_more() -> None:
    storm = room().but(is_storm=True)
    here = _after(storm, *(_success(key=f"key {number}") for number in range(NEWEST + 5)))
    assert [each.key for each in here.successes] == [f"key {n}" for n in range(5, NEWEST + 5)]


def test_it_may_come_after_the_window_and_before_the_clock() -> None:
    late = START + POLICY.window + timedelta(seconds=1)
    assert isinstance(decide(room(), _success(late), SYSTEM, POLICY, late), Step)

"""Whatever allows has a reason, where its policy doesn't say otherwise, and its letters count."""

from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.aggregate import Step
from bot.domain.ask import letters
from bot.domain.person import SYSTEM
from bot.domain.policy import Need, Policy, ReasonRule
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Severity
from bot.domain.war_room import Category
from tests.build import POLICY, START, ada, decide, jude, room, val

SOON = START + timedelta(minutes=5)
OPTIONAL, REQUIRED = Need.OPTIONAL, Need.REQUIRED
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("!" * 40, 0),
        (" \n\t . - _ … — 🙂 \u200b\u2060", 0),
        ("\u3164" * 40, 0),
        ("\u02c8" * 5 + "\u30fc" * 5, 0),
        ("ok, 2", 3),
        ("合成数据", 4),
        ("Größe", 5),
    ],
)
def test_letters_and_digits_of_any_script_count_and_nothing_else(text: str, count: int) -> None:
    assert letters(text) == count


def test_forty_exclamation_marks_are_no_justification() -> None:
    for text, found in (
        ("!" * 40, "found 0 letters and digits"),
        ("a" + "!" * 80, "found 1 letter or digit,"),
        ("7 " * 39, "found 39 letters and digits"),
    ):
        order = c.Override(justification=text, category=Category.WAIVER, validity=WEEK)
        answer = decide(room(), order, jude.name, POLICY, SOON)
        assert isinstance(answer, Refusal)
        assert (answer.why, answer.field) == (Why.INVALID, "justification")
        assert found in answer.message
        assert "at least 40" in answer.message
    order = c.Override(justification="a " * 40, category=Category.WAIVER, validity=WEEK)
    assert isinstance(decide(room(), order, jude.name, POLICY, SOON), Step)


@pytest.mark.parametrize("severity", Severity)
def test_an_approval_of_what_is_grave_needs_a_reason(severity: Severity) -> None:
    """The room's severity counts, which a report may raise above its policy's."""
    place, policy = room().but(severity=severity), POLICY.but(severity=Severity.LOW)
    answer = decide(place, c.Approve(reason=""), val.name, policy, SOON)
    if severity in (Severity.LOW, Severity.MEDIUM):
        assert isinstance(answer, Step)
    else:
        assert isinstance(answer, Refusal)
        assert (answer.why, answer.field) == (Why.INVALID, "reason")
        assert "found 0 letters and digits, it needs at least 5" in answer.message


def test_a_report_makes_no_policy_less_grave() -> None:
    place = room().but(severity=Severity.LOW)
    for severity in (Severity.HIGH, Severity.CRITICAL):
        policy = POLICY.but(severity=severity)
        assert isinstance(decide(place, c.Approve(reason=""), val.name, policy, SOON), Refusal)


@pytest.mark.parametrize("severity", Severity)
def test_what_a_policy_writes_about_reasons_holds(severity: Severity) -> None:
    place = room().but(severity=severity)
    for written, refused in ((OPTIONAL, Step), (REQUIRED, Refusal)):
        policy = POLICY.but(reasons=ReasonRule(approve=written, dismiss=written))
        for order in (c.Approve(reason=" "), c.Dismiss(reason="")):
            assert isinstance(decide(place, order, val.name, policy, SOON), refused)


def test_a_reason_that_nobody_asks_for_has_words_or_is_empty() -> None:
    policy = POLICY.but(reasons=ReasonRule(approve=OPTIONAL, dismiss=OPTIONAL))
    place = room().but(severity=Severity.LOW)
    for order, name in (
        (c.Approve(reason="!" * 40), val.name),
        (c.Dismiss(reason=" … "), val.name),
        (c.Withdraw(note="👍"), ada.name),
    ):
        answer = decide(place, order, name, policy, SOON)
        assert isinstance(answer, Refusal), order
        assert answer.why is Why.INVALID
        assert "has words, or is left empty" in answer.message
    assert isinstance(decide(place, c.Approve(reason="ok"), val.name, policy, SOON), Step)


def test_a_dismissal_needs_a_reason_unless_it_is_written_otherwise() -> None:
    for severity in Severity:
        place = room().but(severity=severity)
        assert isinstance(decide(place, c.Dismiss(reason="…"), val.name, POLICY, SOON), Refusal)
        assert isinstance(decide(place, c.Dismiss(reason="false"), val.name, POLICY, SOON), Step)


def test_a_policy_sets_the_least_length_of_a_reason() -> None:
    longer = POLICY.but(reasons=ReasonRule(min_length=20))
    for make in (c.Approve, c.Dismiss):
        short = decide(room(), make(reason="It is synthetic."), val.name, longer, SOON)
        assert isinstance(short, Refusal)
        assert "found 13 letters and digits, it needs at least 20" in short.message
        enough = make(reason="It is synthetic, as its card says.")
        assert isinstance(decide(room(), enough, val.name, longer, SOON), Step)


def test_what_else_needs_words_needs_letters() -> None:
    orders = (c.Reject(reason="!!!"), c.Extend(by=timedelta(hours=1), reason="…"))
    for order in orders:
        assert isinstance(decide(room(), order, jude.name, POLICY, SOON), Refusal)


def test_reasons_that_are_not_written_change_no_digest() -> None:
    unset: Policy = POLICY.but(reasons=ReasonRule())
    assert '"reasons"' not in unset.document
    written = POLICY.but(reasons=ReasonRule(approve=OPTIONAL))
    assert '"reasons":{"approve":"optional"}' in written.document
    assert written.digest != POLICY.digest
    assert Policy.read(written.document).reasons == written.reasons


@pytest.mark.parametrize(("why", "taken"), [("", False), ("!!! …", False), ("Gone.", True)])
def test_what_is_given_up_has_a_reason_on_record(why: str, taken: bool) -> None:
    drop = r.RecordDropped(
        effect="announce", to="channel", error="is_archived", why=why, operator="ops@warroom-1"
    )
    answer = decide(room(), drop, SYSTEM, POLICY, SOON)
    if taken:
        assert isinstance(answer, Step)
    else:
        assert isinstance(answer, Refusal)
        assert (answer.why, answer.field) == (Why.INVALID, "reason")

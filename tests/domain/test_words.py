"""Words of a newer version: kept as they stand, and nothing is done or allowed by them."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from bot import domain
from bot.domain import access
from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.aggregate import Recorded, Step
from bot.domain.fold import evolve
from bot.domain.ladder import due_command, next_timer
from bot.domain.person import SYSTEM, TIMEOUT
from bot.domain.policy import LadderStep, OnExpiry, Role, Rung
from bot.domain.refusal import Refusal, Why
from bot.domain.role_sources import Assignment
from bot.domain.value import StoredValue, StoredWord
from bot.domain.violation import Report, Severity, graver
from bot.domain.war_room import Decision, Outcome, State, Verdict, WarRoom
from bot.policies.policy_file import Defaults
from tests.build import APPROVE, POLICY, START, decide, eve, jude, report, room, val
from tests.domain.test_lifecycle import ORDERS, PEOPLE, ROOMS

WORDS = (*StoredWord.__subclasses__(),)
SOON = START + timedelta(minutes=10)


def _below(value: type[StoredValue]) -> Iterator[type[StoredValue]]:
    for each in value.__subclasses__():
        yield each
        yield from _below(each)


def _enums(annotation: object) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for argument in get_args(annotation):
        yield from _enums(argument)


def test_every_enum_of_a_stored_value_is_one_whose_unknown_words_are_kept() -> None:
    for module in pkgutil.iter_modules(domain.__path__, "bot.domain."):
        importlib.import_module(module.name)
    fields = {
        f"{value.__name__}.{name}": enum
        for value in _below(StoredValue)
        if value.__module__.startswith("bot.")
        for name, field in value.model_fields.items()
        for enum in _enums(field.annotation)
    }
    assert {*fields.values()} == {*WORDS}
    assert {"Decision.outcome", "LadderStep.do", "Report.severity", "WarRoom.state"} <= {*fields}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_of_the_list_wherever_it_is_not_read_from_the_record(
    word: type[StoredWord],
) -> None:
    class Entered(BaseModel):
        chosen: word  # type: ignore[valid-type]

    for strict in (word, lambda entered: Entered(chosen=entered)):
        with pytest.raises(ValueError, match="unheard_of"):
            strict("unheard_of")
    first = next(iter(word))
    assert word.read(first.value) is first
    assert first.is_known


@pytest.mark.parametrize("word", WORDS)
def test_an_unknown_word_is_itself_and_no_member_of_the_list(word: type[StoredWord]) -> None:
    kept = word.read("unheard_of")
    assert type(kept) is word
    assert (kept, kept.value, f"{kept}") == ("unheard_of", "unheard_of", "unheard_of")
    assert not kept.is_known
    assert kept not in tuple(word)
    assert word.read("unheard_of") in {kept: "found again"}


def test_a_report_that_comes_in_has_a_severity_that_there_is() -> None:
    body = {"policy": "pii", "title": "t", "initiator": {"slack": "U0ADA"}, "severity": "odd"}
    for validated in (Report.model_validate, partial(Report.model_validate, extra="forbid")):
        with pytest.raises(ValidationError, match="'low', 'medium', 'high' or 'critical'"):
            validated(body)
    assert Report.read(body).severity == "odd"


@pytest.mark.parametrize(
    "entered",
    [{"on_expiry": "odd"}, {"severity": "odd"}, {"ladder": [{"at": 0.5, "do": "odd"}]}],
    ids=str,
)
def test_a_policy_file_has_words_that_there_are(entered: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="type=enum"):
        Defaults.model_validate(entered)


@pytest.mark.parametrize("actor", PEOPLE)
@pytest.mark.parametrize("before", ROOMS.values(), ids=ROOMS)
def test_a_room_in_an_unknown_state_takes_no_command_and_says_so(
    before: WarRoom, actor: str
) -> None:
    paused = before.but(state=State.read("paused"))
    for order in ORDERS:
        answer = decide(paused, order, actor, POLICY, SOON)
        assert isinstance(answer, Refusal)
        assert answer.why is Why.NOTHING_TO_DO
        assert "is paused" in answer.message
    for later in (SOON, START + timedelta(days=30)):
        assert due_command(paused, POLICY, later) is None


def test_an_event_that_led_to_an_unknown_state_is_folded() -> None:
    closed: Recorded[e.Event] = Recorded(
        seq=room().version + 1, at=SOON, actor=SYSTEM, event=e.Closed(), state="paused"
    )
    assert evolve(room(), closed).state == "paused"


def test_who_has_an_unknown_role_may_nothing_by_it_and_keeps_it() -> None:
    owner = (
        room()
        .assignment(Role.VALIDATOR)
        .but(role=Role.read("risk_owner"), on_duty=eve.name, others=(val.name,))
    )
    here = room().but(assignments=(owner, *room().assignments))
    for command in access.HUMAN:
        assert access.acting_role(here, eve.name, command) is None
    answer = decide(here, APPROVE, eve.name, POLICY, SOON)
    assert isinstance(answer, Refusal)
    assert answer.why is Why.NOT_ALLOWED
    decided = decide(here, APPROVE, val.name, POLICY, SOON)
    assert isinstance(decided, Step)
    assert decided.after.decision
    assert decided.after.decision.role is Role.VALIDATOR
    handed = decide(here, c.HandOff(role=Role.ADJUDICATOR, to=eve), jude.name, POLICY, SOON)
    assert isinstance(handed, Refusal)
    assert here.assignment(Role.read("risk_owner")) == owner


def test_the_group_behind_an_unknown_role_is_resolved_for_it_alone() -> None:
    role = Role.read("risk_owner")
    waiting = Assignment(role=role, unknown_group="S0RISK")
    here = room().but(assignments=(*room().assignments, waiting))
    order = c.ResolveGroup(role=Role.read(role.value), backup=False, members=(eve,))
    step = decide(here, order, SYSTEM, POLICY, SOON)
    assert isinstance(step, Step)
    *others, resolved = step.after.assignments
    assert (tuple(others), resolved.on_duty) == (room().assignments, eve.name)


def test_a_default_that_is_not_known_allows_nothing() -> None:
    policy = POLICY.but(on_expiry=OnExpiry.read("ask_again"))
    step = decide(room(), c.Expire(), TIMEOUT, policy, START + POLICY.window)
    assert isinstance(step, Step)
    assert step.after.verdict is Verdict.BLOCK


def test_an_unknown_outcome_means_what_was_stored_with_it_and_by_itself_a_block() -> None:
    assert Outcome.read("risk_accepted").verdict is Verdict.BLOCK
    given = {"outcome": "risk_accepted", "by": "jude", "role": "risk_owner", "at": START}
    given |= {"reason": "", "policy_digest": "sha256:1", "policy_place": "policies.yaml:3"}
    for verdict in ("allow", "block", "ask_again"):
        decision = Decision.read({**given, "verdict": verdict})
        assert decision.verdict_at(SOON) == verdict


def test_a_step_that_is_not_known_is_left_out_of_the_ladder() -> None:
    own, unknown = LadderStep(at=0.5, do=Rung.PAGE_BACKUP), Rung.read("page_the_board")
    ladder = (LadderStep(at=0.25, do=unknown), own, LadderStep(at=0.75, do=unknown))
    policy = POLICY.but(ladder=ladder)
    timer = next_timer(room(), policy)
    assert timer
    assert (timer.name, timer.due_at) == (own.do, START + POLICY.window / 2)
    step = decide(room(), c.Escalate(), SYSTEM, policy, START + POLICY.window * 0.8)
    assert isinstance(step, Step)
    assert [each.event.rung for each in step.events if isinstance(each.event, e.Escalated)] == [
        own.do
    ]


def test_an_unknown_severity_counts_as_the_most_severe() -> None:
    odd = Severity.read("catastrophic")
    assert odd.rank == Severity.CRITICAL.rank
    for known in Severity:
        assert graver(odd, known) == odd
    joining = report(severity=Severity.LOW)
    assert joining.severity
    assert graver(joining.severity, odd) == odd

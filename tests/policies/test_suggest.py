"""Suggestions, whatever was decided: they clear what was allowed, and nothing that wasn't."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.answering import NOBODY
from bot.domain.conditions import Condition, FactType, Truth
from bot.domain.makers import Attributed, Behind
from bot.domain.violation import Initiator, Report, Severity
from bot.domain.war_room import Outcome
from bot.policies.cel import Inputs, compiled
from bot.policies.matching import Matcher
from bot.policies.suggest import Decided, suggestions
from tests.build import POLICY, START, jude

EXPORT = POLICY.but(
    facts={"to": FactType.STRING, "psi": FactType.DOUBLE},
    never_clear=(Condition(text='facts.?pii.orValue("unknown") != "none"'),),
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "to": st.sampled_from(["eu", "us", 7]),
        "psi": st.sampled_from([0.1, 0.2, 3]),
        "pii": st.sampled_from(["none", "present"]),
        "run": st.integers(1, 9).map(str),
    },
)
OUTCOMES = st.sampled_from([Outcome.APPROVED, *Outcome, None])


def decided(number: int, facts: dict[str, Any], outcome: Outcome | None) -> Decided:
    report = Report(title="An export", initiator=Initiator(name="somebody"), facts=facts)
    at = None if outcome is None else START + timedelta(minutes=number)
    return Decided(report, "ci", NOBODY, f"r{number}", START, 2, outcome, jude.name, at, "Fine.")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FACTS, OUTCOMES), min_size=4, max_size=12))
def test_a_suggestion_clears_its_evidence_and_holds_for_nothing_that_was_not_allowed(
    cases: list[tuple[dict[str, Any], Outcome | None]],
) -> None:
    past = [decided(number, *case) for number, case in enumerate(cases)]
    for each in suggestions(EXPORT, past, jude.name, START, least=2):
        matcher = Matcher((EXPORT.but(auto_clear=(each.rule,)),))
        assert len(each.evidence) >= 2
        for one in each.evidence:
            assert one.outcome in {Outcome.APPROVED, Outcome.DISMISSED}
            named = one.report.but(policy=EXPORT.id)
            (judgement,) = matcher.judged(named, one.source, START)
            assert judgement.cleared_by == each.rule
        condition = compiled(each.rule.when.text, EXPORT.facts)
        for other in past:
            if not other.allowed:
                inputs = Inputs(other.report, Severity.HIGH, START, other.source)
                assert condition.ask(inputs).value is Truth.NO


def test_who_made_the_change_answers_for_no_rule_on_it() -> None:
    past = [decided(number, {"pii": "none"}, Outcome.APPROVED) for number in range(5)]
    assert list(suggestions(EXPORT, past, jude.name, START, least=5))
    known = Behind((Attributed(persons=(jude,), known=True),))
    unknown = Behind((Attributed(accounts=("github:stranger",)),), {jude.name: jude})
    for behind in (known, unknown):
        own = [replace(each, behind=behind) for each in past]
        assert not list(suggestions(EXPORT, own, jude.name, START, least=5))

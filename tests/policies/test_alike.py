"""What violations have in common, as a condition: it holds for all of them, and for few others."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.conditions import FactType, Truth
from bot.domain.policy import Policy
from bot.domain.violation import Initiator, Origin, Report, Severity, Subject
from bot.policies.alike import Alike, alike, scalars
from bot.policies.cel import Inputs, compiled
from tests.build import POLICY, START

DECLARED = POLICY.but(facts={"to": FactType.STRING, "psi": FactType.DOUBLE, "ok": FactType.BOOL})

# What a condition takes for a text: storable, printable or not.
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = TEXTS | st.booleans() | NUMBERS
FACTS = st.recursive(
    st.dictionaries(TEXTS | st.sampled_from(["to", "in", "a-b", "x"]), VALUES, max_size=4),
    lambda inner: st.dictionaries(TEXTS, VALUES | inner, max_size=3),
    max_leaves=6,
)


def report(facts: dict[str, Any], **fields: Any) -> Report:  # noqa: ANN401
    return Report(title="A case", initiator=Initiator(name="somebody"), facts=facts, **fields)


def common(policy: Policy, *group: dict[str, Any], **fields: Any) -> Alike:  # noqa: ANN401
    found = [scalars(policy, facts) for facts in group]
    paths = sorted({path for each in found for path in each})
    return alike(policy, "ci", report(group[0], **fields), paths, found)


def asked(policy: Policy, condition: str, of: Report, source: str = "ci") -> Truth:
    now: datetime = START
    return compiled(condition, policy.facts).ask(Inputs(of, Severity.HIGH, now, source)).value


@settings(max_examples=60, deadline=None)
@given(FACTS)
def test_it_holds_for_whatever_it_was_made_of_and_asks_for_nothing_bare(
    facts: dict[str, Any],
) -> None:
    condition = common(POLICY, facts, facts).condition
    assert asked(POLICY, condition, report(facts)) is Truth.YES
    assert compiled(condition, POLICY.facts).bare == ()


@pytest.mark.parametrize(
    ("group", "inside", "outside"),
    [
        ([{"to": "eu"}] * 2, [], [{"to": "us"}, {"to": ""}, {}, {"to": 7}]),
        ([{"to": ""}] * 2, [], [{"to": "-"}, {}]),
        ([{"psi": 1}, {"psi": 2.5}], [{"psi": 2}], [{"psi": 0.9}, {"psi": 2.6}, {}, {"psi": "2"}]),
        ([{"n": 1}, {"n": 3}], [{"n": 2}], [{"n": 0}, {"n": 4}, {}]),
        ([{"ok": False}] * 2, [], [{"ok": True}, {}, {"ok": "no"}]),
        ([{"a": {"b-c": "x"}}] * 2, [], [{"a": {}}, {}, {"a": "x"}, {"a": {"b-c": "y"}}]),
        ([{"w": "a"}, {"w": "b"}] * 2, [], [{"w": "c"}, {"w": ""}, {}]),
        ([{"run": "1"}, {"run": "2"}], [{"run": "3"}, {}], []),
        ([{"far": 10**400}, {"far": 0.5}], [{"to": "eu"}], []),
    ],
)
def test_each_fact_is_as_it_was(
    group: list[dict[str, Any]], inside: list[dict[str, Any]], outside: list[dict[str, Any]]
) -> None:
    condition = common(DECLARED, *group).condition
    for facts in (*group, *inside):
        assert asked(DECLARED, condition, report(facts)) is Truth.YES, facts
    for facts in outside:
        assert asked(DECLARED, condition, report(facts)) is not Truth.YES, facts


def test_the_source_the_kind_and_the_environment_are_as_they_were_or_missing() -> None:
    facts, there = {"to": "eu"}, Origin(environment="staging")
    model = Subject(kind="model")
    condition = common(DECLARED, facts, subject=model).condition
    assert asked(DECLARED, condition, report(facts, subject=model)) is Truth.YES
    assert asked(DECLARED, condition, report(facts, subject=model), "other") is Truth.NO
    assert asked(DECLARED, condition, report(facts)) is Truth.NO
    assert asked(DECLARED, condition, report(facts, subject=model, origin=there)) is Truth.NO


def test_what_the_policy_lets_vary_is_no_part_of_it_and_what_differs_is_told() -> None:
    policy = DECLARED.but(varying=("megabytes",))
    found = common(policy, {"megabytes": 1, "run": "1"}, {"megabytes": 2, "run": "2"})
    assert "megabytes" not in found.condition
    assert found.differing == ("facts.run",)
    told = common(policy, {"pii": "none", "n": 3, "d": {"x": 1}, "to": "eu"}).declare
    assert told == {"pii": FactType.STRING, "n": FactType.INT, "d": FactType.MAP}

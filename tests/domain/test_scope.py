"""A scope covers the same violation and no other: each coordinate and fact that it fixes counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import scope
from bot.domain.conditions import Condition, Known, Truth
from bot.domain.policy import Band, OfferedScope, Policy, ScopeKind
from bot.domain.violation import Origin, Severity, Subject, Violation
from tests.build import POLICY, violation

SUBJECT = {"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:" + "7" * 64}
ORIGIN = {
    "repository": "acme/ranker",
    "commit": "8c1f2a7" + "0" * 33,
    "environment": "production",
    "run_url": "https://ci.test/1",
}
FACTS = {"to": "customer-eu", "rows": 7, "psi": 0.31, "seed": 1}
BY_NAME = OfferedScope(
    kind=ScopeKind.CONDITION,
    name="internal",
    when=Condition(text='facts.?to.orValue("") == "internal"'),
    words="it stays inside",
)
EVERY = (*(OfferedScope(kind=kind) for kind in list(ScopeKind)[:-1]), BY_NAME)
VARYING = POLICY.but(scopes=EVERY, varying=("psi", "seed"))
FREED = {
    "run": set(),
    "commit": {"run_url"},
    "version": {"run_url", "commit", "repository"},
    "environment": {"run_url", "commit", "repository", "digest"},
    "internal": {"run_url", "commit", "repository", "digest", "version"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


def found(facts: dict[str, Any] = FACTS, /, **coordinates: str | None) -> Violation:
    """A violation with these instead of its usual coordinates."""
    subject = {name: coordinates.get(name, value) for name, value in SUBJECT.items()}
    origin = {name: coordinates.get(name, value) for name, value in ORIGIN.items()}
    return violation(subject=Subject(**subject), origin=Origin(**origin), facts=facts)


def same(one: Violation, other: Violation, within: OfferedScope, policy: Policy = VARYING) -> bool:
    keys = [scope.key(policy, each.report, within) for each in (one, other)]
    assert all(keys)
    return keys[0] == keys[1]


@pytest.mark.parametrize("within", EVERY, ids=scope.name_of)
@pytest.mark.parametrize("coordinate", [*SUBJECT, *ORIGIN])
def test_another_coordinate_is_another_violation_unless_its_scope_frees_it(
    within: OfferedScope, coordinate: str
) -> None:
    """One that is missing is another too."""
    freed = coordinate in FREED[scope.name_of(within)]
    needed = {"run": "run_url", "commit": "commit", "version": "digest"}
    other = "https://ci.test/2" if coordinate == "run_url" else "other"
    assert same(found(), found(**{coordinate: other}), within) is freed
    without = found(**{coordinate: None})
    if coordinate == needed.get(within.kind, "environment") and within is not BY_NAME:
        assert scope.key(VARYING, without.report, within) is None
    else:
        assert same(found(), without, within) is freed


@given(within=st.sampled_from(EVERY), name=st.sampled_from([*FACTS, "new"]), value=JSON)
def test_another_fact_is_another_violation_unless_the_policy_calls_it_varying(
    within: OfferedScope, name: str, value: object
) -> None:
    other = FACTS | {name: value}
    equal = name in VARYING.varying or (name == "rows" and value == 7)
    equal = equal or (name == "to" and value == "customer-eu")
    assert same(found(), found(other), within) is equal
    fewer = {key: fact for key, fact in FACTS.items() if key != name}
    assert same(found(), found(fewer), within) is (name in VARYING.varying or name == "new")


def test_equal_numbers_are_the_same_fact_and_a_number_is_no_truth_value() -> None:
    within = EVERY[0]
    for one, other, equal in (
        ({"x": 1, "y": [2]}, {"y": [2.0], "x": 1.0}, True),
        ({"x": 1}, {"x": True}, False),
        ({"x": 0}, {"x": False}, False),
        ({"x": 1}, {"x": "1"}, False),
        ({"x": None}, {}, False),
        ({"x": {"y": 10**17 + 1}}, {"x": {"y": 1e17}}, False),
        ({"x": ["a", "b"]}, {"x": ["a,b"]}, False),
        ({"x": ["a", "b"]}, {"x": ["b", "a"]}, False),
    ):
        assert same(found(one), found(other), within) is equal, (one, other)


@given(parts=st.lists(st.text(min_size=1, max_size=3), min_size=2, max_size=2), cut=st.integers())
def test_parts_of_a_violation_do_not_run_into_each_other(parts: list[str], cut: int) -> None:
    """What ends one and begins the next is no blank that they could hold themselves."""
    joined, at = "".join(parts), abs(cut) % (len(parts[0]) + len(parts[1]))
    facts = {"a": joined[:at], "b": joined[at:]}
    assert same(found({"a": parts[0], "b": parts[1]}), found(facts), EVERY[0]) is (
        at == len(parts[0])
    )


def test_another_policy_another_scope_and_another_condition_are_none_of_them_the_same() -> None:
    otherwise = BY_NAME.but(when=Condition(text="true"))
    assert len({scope.key(VARYING, found().report, each) for each in (*EVERY, otherwise)}) == 6
    other = VARYING.but(id="other")
    assert scope.key(other, found().report, BY_NAME) != scope.key(VARYING, found().report, BY_NAME)


def test_a_policy_offers_what_a_violation_has_the_coordinates_for() -> None:
    """Where it says nothing: its commit, or else its run. By a condition what is known to hold."""

    def names(policy: Policy, *holding: str, **coordinates: None) -> list[str]:
        offered = scope.offered(policy, found(**coordinates).report, holding)
        return [scope.name_of(each) for each in offered]

    jumbled = VARYING.but(scopes=EVERY[::-1])
    assert names(jumbled) == ["run", "commit", "version", "environment"]
    assert names(jumbled, "internal") == [*names(jumbled), "internal"]
    assert names(jumbled, "internal", digest=None, run_url=None) == [
        "commit",
        "environment",
        "internal",
    ]
    assert names(POLICY) == ["commit"]
    assert names(POLICY, commit=None) == ["run"]
    assert names(POLICY, commit=None, run_url=None) == []


def test_a_scope_is_within_those_that_free_what_it_frees_and_more() -> None:
    """A condition covers what no other scope does; nothing is within every one."""
    *nested, by_name = EVERY
    for at, inner in enumerate(nested):
        assert [scope.is_within(inner, outer) for outer in nested] == [
            at <= other for other in range(len(nested))
        ]
        assert not scope.is_within(inner, by_name)
        assert not scope.is_within(by_name, inner)
        assert not scope.is_within(inner, None)
    assert scope.is_within(by_name, by_name)
    assert all(scope.is_within(None, outer) for outer in (*EVERY, None))


def test_a_condition_is_a_scope_only_where_it_says_yes() -> None:
    """What is not known allows nothing; the other scopes ask nothing."""
    for truth, number in ((Truth.YES, 5), (Truth.NO, 4), (Truth.UNKNOWN, 4)):
        answers = {BY_NAME.when: Known(truth)}
        assert len(scope.keys(VARYING, found().report, answers.__getitem__)) == number


def test_what_a_decision_allows_besides_is_said_whole_and_briefly() -> None:
    """All that limits it but the policy, which stands beside it wherever it is shown."""
    said = {
        scope.name_of(each): scope.words(VARYING, found(commit=None).report, each, Severity.HIGH)
        for each in (EVERY[0], EVERY[2], BY_NAME)
    }
    title, facts = "every violation by model ranker", "same facts (but psi, seed)"
    assert said == {
        "run": f"{title} 7 (sha256:777777777777…) of acme/ranker in production in run "
        f"https://ci.test/1, without commit, {facts}, severity high at most",
        "version": f"{title} 7 (sha256:777777777777…) in production, "
        f"any commit, repository or run, {facts}, severity high at most",
        "internal": f"{title} in production, where it stays inside, "
        f"any version, digest, commit, repository or run, {facts}, severity high at most",
    }
    banded = VARYING.but(bands=(Band(id="all"),), varying=())
    assert scope.words(banded, found().report, EVERY[1], Severity.LOW).endswith(
        "any run, same facts, same band, severity low at most"
    )

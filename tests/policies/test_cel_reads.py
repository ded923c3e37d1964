"""What a condition reads is found wherever it stands, and never where it only seems to stand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.cel import Bare, compiled
from bot.policies.cel_parts import compared_with

NAMES = st.from_regex(r"[a-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"in", "true", "false", "null"}
)
FORMS = st.sampled_from(
    [
        "facts.{}",
        "facts . {}",
        "facts[ '{}' ]",
        'facts[r"{}"]',
        'facts["""{}"""]',
        "facts.`{}`",
        "facts.{}[0]",
        "facts.{}.startsWith('a')",
        "facts.{}.facts.subject",
        "(true ?.facts.{} : 1)",
        "has(facts.{})",
        "facts.?{}.hasValue()",
        "facts // why\n.?{}.x.?y.hasValue()",
        "facts[?'{}'].orValue(1)",
        "[1].map(x, facts.{})",
        "{{'a': facts.{}}}",
    ]
)
HIDDEN = st.sampled_from(
    [
        "'facts.{}'",
        '"facts.{}"',
        "r'facts.{}'",
        "'''facts.{} ' '''",
        '"""\n" facts.{} """',
        r"'\' facts.{}'",
        r"r'\\' + 'facts.{}'",
        "1 // facts.{}\n",
        "1 // ' facts.{} '\n",
        "b'facts.{}'",
        "dyn({{'a': 1}}).?facts.?{}",
        "{{'facts': {{'{}': 1}}}}.facts.{}",
    ]
)


@given(
    shown=st.lists(st.tuples(NAMES, FORMS), max_size=5),
    hidden=st.lists(st.tuples(NAMES, HIDDEN), max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_the_facts_that_are_read_are_found_and_no_others(
    shown: list[tuple[str, str]], hidden: list[tuple[str, str]], order: object
) -> None:
    parts = [form.format(name, name) for name, form in [*shown, *hidden]]
    order.shuffle(parts)  # type: ignore[attr-defined]
    condition = compiled(f"[{', '.join(f'dyn({part})' for part in parts)}] == []", {})
    assert condition.facts == frozenset(name for name, _ in shown)
    assert condition.variables == ({"facts"} if shown else set())


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_nothing_in_a_text_is_read(text: str) -> None:
    quoted = json.dumps(f"facts.{text}", ensure_ascii=False).replace("\\/", "/")
    condition = compiled(f"team == {quoted} && facts.?x.hasValue()", {})
    assert condition.facts == frozenset({"x"})
    assert condition.variables == {"team", "facts"}


@pytest.mark.parametrize(
    "text",
    [
        "facts[team] == 1",
        "facts[?team].hasValue()",
        "facts['a' + 'b'] == 1",
        r"facts['\x61'] == 1",
        "facts.exists(x, x == 'a')",
        "size(facts) > 1 && facts.x == 1",
        "facts.size() > 1",
        "'x' in facts",
        "facts == {}",
        "[facts].all(each, each.x == 1)",
    ],
)
def test_of_facts_as_a_whole_it_cannot_be_told_which_are_read(text: str) -> None:
    assert compiled(text, {}).facts is None


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("facts.x == 1", ["facts.x"]),
        ("facts['x'].y == 1", ["facts.x.y"]),
        ("facts.?x.orValue(1) == 1", []),
        ("facts.?x.y.orValue(1) == 1", []),
        ("facts.x.?y.orValue(1) == 1", ["facts.x"]),
        ("has(facts.x)", []),
        ("has(facts.x.y)", ["facts.x"]),
        ("has(facts.x) && facts.x == 1", []),
        ("!has(facts.x) || facts.x == 1", []),
        ("has(facts.x) && facts.x.y == 1", ["facts.x.y"]),
        ("has(facts.x) && has(facts.x.y) && facts.x.y == 1", []),
        ("facts.x == 1 || facts.y == 1", ["facts.x", "facts.y"]),
        ("size(facts) > 1 || subject.kind == 'model'", []),
    ],
)
def test_a_fact_is_bare_where_its_absence_makes_the_condition_not_known(
    text: str, bare: list[str]
) -> None:
    assert [each.path for each in compiled(text, {}).bare] == bare


def test_what_is_bare_has_its_place() -> None:
    condition = compiled("true &&\n  (facts.?a.hasValue() || facts.x.y)", {})
    assert condition.bare == (Bare("facts.x.y", 2, 27),)


def test_variables_are_told_but_for_those_that_are_a_macro_s_or_a_field() -> None:
    text = "source == 'ci' && facts.team == origin.commit && ['a'].exists(x, x == policy)"
    assert compiled(text, {}).variables == {"source", "facts", "origin", "policy"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('source == "ci" && facts.to == "internal"', {"ci"}),
        ("'ci' != source || policy == 'p'", {"ci"}),
        ('source in ["a", "b"] ? team == "x" : false', {"a", "b"}),
        ('facts.source == "ci"', set()),
    ],
)
def test_what_a_variable_is_compared_with_is_known(text: str, names: set[str]) -> None:
    assert compared_with("source", text) == names

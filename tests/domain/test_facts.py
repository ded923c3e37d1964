"""What is said of a violation's facts, whatever a reporter has sent."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.facts import MOST, SENTENCES, flat, sentences, telling

NAMES = ("psi", "rows", "value", "metric", "name")
KEYS = st.sampled_from(
    [
        *(*NAMES, "actual", "threshold", "limit", "max", "min", "title", "summary", ""),
        *(f"{name}_{word}" for name in NAMES for word in ("threshold", "limit")),
        *(f"{word}_{name}" for name in NAMES for word in ("max", "min")),
        *("maxPsi", "PSI-limit", "psi_value", "actual_rows", "thresholds", "limits"),
    ]
)
NUMBERS = st.one_of(
    st.integers(-50, 50),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [0, 0.0, -0.0, 0.2, 0.27, 0.199999, 1e308, 5e-324, 10**4000, "0.20", "-3", "7"]
    ),
)
TEXTS = st.text(max_size=20).filter(lambda text: "null" not in text) | st.sampled_from(
    ["x" * 100, "27%", "20 %"]
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | TEXTS, inner, max_size=6),
    max_leaves=25,
)
FACTS = st.dictionaries(KEYS | TEXTS, JSON, max_size=12)
Facts = dict[str, Any]


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    if isinstance(value, (dict, list)) and value:
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield value


def _words(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else json.dumps(value)


@given(FACTS)
def test_at_most_three_are_told_and_the_same_ones_each_time(facts: Facts) -> None:
    told = telling(facts)
    assert len(told) <= MOST
    assert told == telling(json.loads(json.dumps(facts)))


@given(FACTS)
def test_each_value_that_is_told_stands_in_the_facts_and_a_null_is_none(facts: Facts) -> None:
    whole = {_words(leaf) for leaf in _leaves(facts) if leaf is not None}
    for fact in (*telling(facts), *flat(facts)):
        assert fact.value != "null"
        if fact.compared:
            assert fact.value.split(", ")[0] in whole
        else:
            assert fact.value in whole or all(
                any(part in each or each in part for each in whole)
                for part in fact.value.split(", ")
            )


@given(FACTS)
def test_all_are_named_in_their_order_and_none_is_cut(facts: Facts) -> None:
    leaves = [leaf for leaf in _leaves(facts) if leaf is not None]
    said = ", ".join(fact.value for fact in flat(facts))
    assert said == ", ".join(map(_words, leaves)) if facts else not said


@given(NUMBERS, NUMBERS)
def test_a_comparison_says_what_is_more_and_by_how_much(value: Any, limit: Any) -> None:  # noqa: ANN401 - numbers
    (fact,) = telling({"psi": value, "psi_threshold": limit})
    number, bound = Fraction(str(value)), Fraction(str(limit))
    assert fact.compared
    if number == bound:
        assert f"{value}, at its threshold " in fact.words
        return
    assert (" above " if number > bound else " below ") in fact.words
    percent = re.search(r", (under |over |)(\d+) %", fact.words)
    if not percent:
        assert number * bound < 0 or not bound or abs(number / bound) > 90
        return
    share = abs((number - bound) / bound) * 100
    said = int(percent[2])
    match percent[1]:
        case "under ":
            assert share < said == 1
        case "over ":
            assert share > said == 99
            assert number
        case _:
            assert said
            assert abs(share - said) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"psi": 0.27, "threshold": 0.2}, "psi 0.27, 35 % above 0.20"),
        ({"psi": 0.27, "rows": 9, "psi_threshold": 0.2}, "psi 0.27, 35 % above 0.20"),
        ({"maxPsi": 0.2, "psi": 0.27, "psi_score": 3}, "psi 0.27, 35 % above 0.20"),
        ({"PSI": 0.27, "threshold": 0.2, "window_days": 7}, "PSI 0.27, 35 % above 0.20"),
        ({"metric": "psi", "psi": 0.27, "r": 0.9, "limit": 0.2}, "psi 0.27, 35 % above 0.20"),
        ({"psi": 0.27, "r": 0.9, "thresholds": {"psi": 0.2}}, "psi 0.27, 35 % above 0.20"),
        ({"d": {"rows": 3, "limits": {"Rows": 2}}}, "d.rows 3, 50 % above 2"),
        ({"psi_value": 0.27, "psi_threshold": 0.2}, "psi_value 0.27, 35 % above 0.20"),
        ({"actualPsi": 0.27, "r": 0.9, "psiLimit": 0.2}, "actualPsi 0.27, 35 % above 0.20"),
        ({"psi_value": 9, "psi": 0.27, "psi_threshold": 0.2}, "psi 0.27, 35 % above 0.20"),
        ({"share": "27%", "rows": 9, "threshold": "20%"}, "share 27%, 35 % above 20%"),
        ({"share": "27.5 %", "max_share": "20 %"}, "share 27.5 %, 38 % above 20 %"),
        ({"metric": "psi", "value": 0.27, "threshold": 0.2}, "psi 0.27, 35 % above 0.20"),
        ({"psi": {"value": 0.27, "threshold": 0.2}}, "psi 0.27, 35 % above 0.20"),
        ({"drift": {"psi": 0.27, "threshold": 0.2}}, "drift.psi 0.27, 35 % above 0.20"),
        ({"all": [{"name": "age", "value": 3, "limit": 2}]}, "all[0].age 3, 50 % above 2"),
        ({"auc": "0.70", "min_auc": "0.80"}, "auc 0.70, 12 % below 0.80"),
        ({"auc": 0.25, "min_auc": 0.8}, "auc 0.25, 69 % below 0.80"),
        ({"auc": 0.2, "auc_limit": 0.2}, "auc 0.2, at its threshold 0.2"),
        ({"leaks": 3, "threshold": 0}, "leaks 3, above 0"),
        ({"rows": 10001, "max_rows": 10000}, "rows 10001, under 1 % above 10000"),
        ({"share": 0.001, "min_share": 0.5}, "share 0.001, over 99 % below 0.50"),
        ({"t": 9, "min_t": 1, "max_t": 6}, "t 9, 50 % above 6"),
        ({"value": 1, "min": 2, "max": 6}, "value 1, 50 % below 2"),
        ({"a": 1, "threshold": 2, "b": 3, "b_limit": 4}, "a 1, 50 % below 2"),
    ],
)
def test_a_number_beside_its_threshold_is_one_fact_and_comes_first(facts: Facts, told: str) -> None:
    first, *rest = telling({"why": "a word", **facts})
    assert first.words == told
    assert not {fact.key for fact in rest} & {"threshold", "limit", "metric", "thresholds.psi"}


@pytest.mark.parametrize(
    "facts",
    [
        {"psi": 1, "rows": 3, "threshold": 0.2},
        {"psi": 0.2, "share": 0.3, "threshold": 0.2},
        {"psi": None, "threshold": 0.2},
        {"psi": True, "threshold": 0.2},
        {"version": "7", "threshold": 5},
        {"rows": 5, "psi_threshold": 0.2},
        {"max": 1, "min": 0},
        {"limit": 5, "offset": 10},
        {"limit": 5, "page": 10, "name": "runs"},
        {"min": 0, "max": 9, "mean": 4.5},
        {"count": 20, "max": 100},
        {"share": "27%", "threshold": 20},
        {"share": 27, "share_limit": "20%"},
        {"psi": 0.27, "thresholds": {"auc": 0.2}},
        {"psi_value": 1, "actual_psi": 2, "psi_threshold": 0.2},
        {"psi": 0.27, "thresholds": [0.2]},
        {"psi": 1, "thresholds": 3},
        {"psi": 1, "psi_limits": 3},
    ],
)
def test_what_may_be_no_pair_is_compared_with_nothing(facts: Facts) -> None:
    assert not any(fact.compared for fact in telling(facts))
    assert telling(facts) == list(flat(facts))[:MOST]


def test_short_values_come_before_long_ones_and_the_order_is_the_bodys() -> None:
    facts = {"log": "x" * 200, "b": {"c": [1, None, "two"]}, "a": False, "d": "", "e": 4}
    assert [fact.words for fact in telling(facts)] == ["b.c: 1, two", "a: false", "e: 4"]


def test_sentences_are_told_as_such_and_in_one_order() -> None:
    facts = {"description": "three", "psi": 2, "summary": "two\nlines", "title": "one"}
    assert sentences(facts) == ["one", "two\nlines", "three"]
    assert [fact.words for fact in telling(facts)] == ["psi: 2"]
    assert sentences(dict.fromkeys(SENTENCES, "  ")) == []
    assert sentences({"title": 5, "summary": None}) == []


def test_thousands_of_thresholds_are_no_work() -> None:
    facts = {f"{word}{n}": n for n in range(20_000) for word in ("x", "max_x")}
    facts |= {"max" + "_" * n: n for n in range(2_000)}
    assert len(telling(facts)) == MOST

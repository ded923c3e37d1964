"""An evaluation's facts: worst group, ratio, difference, drops, and what of them is not known."""

import json
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client.evaluation import Judging, facts
from bot.errors import UsageError

VALUES = (("a", 0.85), ("b", 0.9))
BETWEEN_GROUPS = {"worst", "worst_group", "best", "best_group", "difference", "ratio"}
LARGEST = {"largest_drop", "largest_drop_group"}


def _csv(*rows: str, header: str = "metric,group,value,n") -> str:
    return "\n".join([header, *rows])


def _facts(
    *rows: str,
    baseline: tuple[str, ...] = (),
    min_n: int | None = None,
    lower: tuple[str, ...] = (),
) -> dict[str, Any]:
    """What becomes of these rows, by metric."""
    earlier = {"before.csv": _csv(*baseline)} if baseline else {}
    found = facts({"now.csv": _csv(*rows)}, earlier, Judging(min_n, lower))
    return dict(found["evaluation"])


def test_higher_is_better_unless_a_metric_is_named_as_better_when_low() -> None:
    rows = ("m,a,0.25,100", "m,b,0.5,100", "m,c,0.4,100", "m,,0.4,300")
    assert _facts(*rows)["m"] == {
        "value": 0.4,
        "worst": 0.25,
        "worst_group": "a",
        "best": 0.5,
        "best_group": "b",
        "difference": 0.25,
        "ratio": 0.5,
        "too_small": [],
        "groups": {
            "a": {"value": 0.25, "n": 100},
            "b": {"value": 0.5, "n": 100},
            "c": {"value": 0.4, "n": 100},
        },
    }
    lower = _facts(*rows, lower=("m",))["m"]
    assert (lower["worst"], lower["worst_group"]) == (0.5, "b")
    assert (lower["best"], lower["best_group"]) == (0.25, "a")
    assert (lower["ratio"], lower["difference"]) == (0.5, 0.25)


def test_five_points_are_not_more_than_five_points() -> None:
    """In floating point 0.9 - 0.85 > 0.05, and 0.56 / 0.7 < 0.8."""
    metric = _facts("m,a,0.85,99", "m,b,0.90,99", baseline=("m,a,0.90,99", "m,b,0.95,99"))["m"]
    assert (metric["difference"], metric["largest_drop"]) == (0.05, 0.05)
    assert _facts("m,a,0.56,99", "m,b,0.7,99")["m"]["ratio"] == 0.8
    rows = [{"metric": "m", "group": group, "value": value} for group, value in VALUES]
    assert facts({"f.json": json.dumps(rows)})["evaluation"]["m"]["difference"] == 0.05


@pytest.mark.parametrize(
    ("small", "min_n"), [("b,0.1,29", None), ("b,0.1,99", 100), ("b,0.1,0", None), ("b,0.1,", None)]
)
def test_with_a_group_that_is_too_small_nothing_between_groups_is_known(
    small: str, min_n: int | None
) -> None:
    rows = ("m,a,0.9,500", f"m,{small}", "m,c,0.8,500", "m,,0.8,1000")
    metric = _facts(*rows, min_n=min_n, baseline=("m,a,0.9,500", "m,b,0.9,500", "m,c,0.9,500"))["m"]
    assert metric["too_small"] == ["b"]
    assert metric["value"] == 0.8
    assert metric["groups"].keys() == {"a", "c"}
    assert not metric.keys() & (BETWEEN_GROUPS | LARGEST)


def test_a_group_of_just_enough_cases_is_taken() -> None:
    assert _facts("m,a,0.9,30", "m,b,0.8,31")["m"]["too_small"] == []
    assert _facts("m,a,0.9,5", "m,b,0.8,5", min_n=5)["m"]["too_small"] == []


def test_without_any_number_of_cases_groups_are_taken_unless_one_is_asked_for() -> None:
    rows = ("m,a,0.9,", "m,b,0.8,", "m,,0.85,", "other,x,1,50", "other,y,1,50")
    assert _facts(*rows)["m"]["worst"] == 0.8
    asked = _facts(*rows, min_n=1)
    assert asked["m"] == {"too_small": ["a", "b"], "groups": {}}
    assert asked["other"]["worst"] == 1


def test_a_whole_of_too_few_cases_has_no_value() -> None:
    assert "value" not in _facts("m,,0.9,29", "m,a,0.9,40")["m"]


def test_one_group_is_compared_with_nothing() -> None:
    metric = _facts("m,a,0.9,99")["m"]
    assert (metric["worst"], metric["best"]) == (0.9, 0.9)
    assert not metric.keys() & {"ratio", "difference"}


@pytest.mark.parametrize("values", [("0", "0"), ("-0.1", "0.5"), ("-2", "-1")])
def test_a_ratio_of_negative_values_or_of_nothing_is_not_known(values: tuple[str, str]) -> None:
    metric = _facts(*(f"m,g{at},{value},99" for at, value in enumerate(values)))["m"]
    assert "ratio" not in metric
    assert "difference" in metric


def test_a_drop_is_what_got_worse() -> None:
    before = ("m,a,0.9,99", "m,b,0.5,99", "m,,0.7,198")
    now = ("m,a,0.8,99", "m,b,0.55,99", "m,,0.65,198")
    metric = _facts(*now, baseline=before)["m"]
    assert (metric["drop"], metric["largest_drop"], metric["largest_drop_group"]) == (
        0.05,
        0.1,
        "a",
    )
    assert [group["drop"] for group in metric["groups"].values()] == [0.1, -0.05]
    lower = _facts(*now, baseline=before, lower=("m",))["m"]
    assert (lower["drop"], lower["largest_drop"], lower["largest_drop_group"]) == (-0.05, 0.05, "b")


@pytest.mark.parametrize(
    "before",
    [
        ("m,a,0.9,99",),
        ("m,a,0.9,99", "m,b,0.9,99", "m,c,0.9,99"),
        ("m,a,0.9,99", "m,b,0.9,29"),
        ("other,a,0.9,99", "other,b,0.9,99"),
    ],
    ids=["one less", "one more", "too small", "another metric"],
)
def test_the_largest_drop_is_known_only_between_the_same_groups(before: tuple[str, ...]) -> None:
    metric = _facts("m,a,0.8,99", "m,b,0.8,99", baseline=before)["m"]
    assert not metric.keys() & LARGEST
    assert metric["worst"] == 0.8


values = st.decimals(min_value=-100, max_value=100, places=3)
figures = st.dictionaries(st.sampled_from("abcdefgh"), values, min_size=2)


@given(figures, figures, st.randoms(), st.booleans())
def test_the_order_of_rows_changes_nothing_and_the_figures_are_the_extremes(
    now: dict[str, Any], before: dict[str, Any], chance: Random, lower: bool
) -> None:
    def rows(of: dict[str, Any]) -> tuple[str, ...]:
        written = [f"m,{group},{value},50" for group, value in of.items()]
        chance.shuffle(written)
        return tuple(written)

    better = ("m",) if lower else ()
    metric = _facts(*rows(now), baseline=rows(before), lower=better)["m"]
    again = _facts(*rows(now), baseline=rows(before), lower=better)["m"]
    assert json.dumps(metric) == json.dumps(again)
    worst, best = (max, min) if lower else (min, max)
    assert metric["worst"] == float(worst(now.values()))
    assert metric["worst_group"] == min(g for g in now if now[g] == worst(now.values()))
    assert metric["best"] == float(best(now.values()))
    assert metric["difference"] == float(max(now.values()) - min(now.values())) >= 0
    assert ("ratio" in metric) == (min(now.values()) >= 0 and max(now.values()) > 0)
    assert 0 <= metric.get("ratio", 1) <= 1
    if now.keys() == before.keys():
        drops = [(now[g] - before[g]) if lower else (before[g] - now[g]) for g in now]
        assert metric["largest_drop"] == float(max(drops))
    else:
        assert "largest_drop" not in metric


def test_json_says_the_same_as_csv_and_several_files_are_one_evaluation() -> None:
    group = {"metric": "m", "group": "a", "value": 0.8, "n": 40, "low": 0.7, "high": 0.9}
    text = json.dumps({"evaluation": [{"metric": "m", "value": 0.7, "n": None}, group]})
    more = _csv("m,b,0.6,", header="\ufeffMetric, Group ,value,n")
    header = "high,low,n,metric,group,value"
    whole = _csv(",,,m,,0.7", "9e-1,0.7,40.0,m,a,.8", "", ",,,m,b,0.60", header=header)
    assert facts({"a.json": text, "b.csv": more}) == facts({"c.csv": whole})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_csv("m,a,NaN,1"), "f:2: value: found 'NaN', need a number"),
        (_csv("m,a,inf,1"), "f:2: value: found 'inf', need a number"),
        (_csv("m,a,1_0,1"), "f:2: value: found '1_0', need a number"),
        (_csv("m,a,٣,1"), "f:2: value: found '٣', need a number"),
        (_csv("m,a,1e301,1"), "f:2: value: found 1E+301, need a number"),
        (_csv("m,a,,1"), "f:2: value: found nothing, need a number"),
        (_csv("", ",a,1,1"), "f:3: metric: found '', need a name"),
        (_csv("m,a,1,2.5"), "f:2: n: found 2.5, need a whole number of cases"),
        (_csv("m,a,1,-1"), "f:2: n: found -1, need a whole number of cases"),
        (_csv("m,a,1,1", "m,a,1,1"), "f:3: group: found 'a' of 'm' again, need each once: f:2 has"),
        (_csv("m,,1,1", "m,,1,1"), "f:3: group: found the whole of 'm' again"),
        (_csv("m,a,1,3,2", header="metric,group,value,low,high"), "low: found 3, need at most 2"),
        (_csv("m,a,1"), "f:2: row: found 3 cells, need 4, as in the header"),
        (_csv('m,"a,1,1'), "f:2: row: found unexpected end of data, need CSV"),
        (_csv("m,a,1,1", header="metric,group,valu,n"), "f:1: header: found 'valu', did you mean"),
        (_csv("m,a", header="metric,group"), "f:1: header: found metric,group, need metric,g"),
        (_csv("m,a,1,1", header="metric,group,value,value"), "found value 2 times, need it once"),
        (_csv(), "f: found no row"),
        ("", "f: found no row"),
        ('{"evaluation": []}', "f: found no row"),
        ('{"evalation": []}', "f: found 'evalation', did you mean 'evaluation'?"),
        ('{"evaluation": {}}', "f: evaluation: found a mapping, need a list of rows"),
        ("[7]", "f: [0]: found 7, need an object"),
        ('[{"metric": "m", "vlue": 1}]', "f: [0]: found 'vlue', did you mean 'value'?"),
        ('[{"metric": "m", "value": NaN}]', "f: [0].value: found NaN, need a number"),
        ('[{"metric": "m", "value": -Infinity}]', "f: [0].value: found -Infinity, need a number"),
        (f'[{{"metric": "m", "value": 1e{"9" * 30}}}]', "f: [0].value: found Infinity, need a n"),
        ('[{"metric": "m", "value": "1"}]', "f: [0].value: found '1', need a number"),
        ('[{"metric": "m", "value": true}]', "f: [0].value: found true, need a number"),
        ('{"evaluation": [{"metric": "m"}]}', "f: evaluation[0].value: found nothing, need a num"),
        ('[{"metric": "m", "group": 3, "value": 1}]', "f: [0].group: found 3, need a name"),
        ('[{"metric": "m\\u0000", "value": 1}]', "f: [0].metric: found a character that can't"),
        (f'[{{"metric": "{"m" * 201}", "value": 1}}]', "f: [0].metric: found 201 characters"),
        ('[{"metric": "m", "metric": "x", "value": 1}]', "the key 'metric' twice in one object"),
        ("[\n  nothing", "f:2:3: is no JSON"),
        ("[" * 200_000, "f: is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        facts({"f": text})
    assert said in str(refused.value)


def test_every_bad_row_is_said_up_to_ten() -> None:
    with pytest.raises(UsageError) as refused:
        _facts(*(f"m,g{number},bad,1" for number in range(12)))
    lines = str(refused.value).splitlines()
    assert (len(lines), lines[-1]) == (11, "and 2 more")


def test_a_group_in_two_files_is_refused() -> None:
    with pytest.raises(UsageError, match=r"b\.csv:2: group: .*: a\.csv:2 has it"):
        facts({"a.csv": _csv("m,a,1,1"), "b.csv": _csv("m,a,1,1")})


def test_there_are_at_most_so_many_metrics_and_groups() -> None:
    with pytest.raises(UsageError, match="found 201 metrics, need 200 at most"):
        _facts(*(f"m{number},a,1,1" for number in range(201)))
    with pytest.raises(UsageError, match="found 501 groups of 'm', need 500 at most"):
        _facts(*(f"m,g{number},1,1" for number in range(501)))


def test_a_metric_of_which_lower_is_better_is_one_of_the_evaluation() -> None:
    with pytest.raises(UsageError, match="found 'los', did you mean 'loss'"):
        _facts("loss,a,1,50", lower=("los",))


@given(
    st.text() | st.text("metric,group,value\n\r\"1.e-{}[]:' ").map("metric,group,value\n".__add__)
)
def test_no_text_whatsoever_raises_anything_else(text: str) -> None:
    with suppress(UsageError):
        facts({"f": text}, {"f": text})

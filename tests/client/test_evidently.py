"""What Evidently found becomes facts: each test's status, each metric's value, how many failed."""

import json

import pytest

from bot.client.evaluation import facts
from bot.errors import UsageError

TEST = {"id": "9c", "name": "Value Drift for column age", "status": "FAIL"}
METRIC = {"id": "1f", "metric_name": "ValueDrift(column=age)", "config": {}, "value": 0.27}


def _snapshot(**parts: object) -> str:
    return json.dumps({"tests": [TEST], "metrics": [METRIC], **parts})


def test_a_name_that_several_have_is_told_apart_by_their_ids() -> None:
    other = TEST | {"id": "9d", "status": "SUCCESS"}
    named = TEST | {"id": "9e", "name": "other"}
    found = facts({"f.json": _snapshot(tests=[TEST, other, named])})["evidently"]
    assert found["tests"] == {
        "9c": {"status": "FAIL"},
        "9d": {"status": "SUCCESS"},
        "other": {"status": "FAIL"},
    }
    assert found["failed"] == 2


def test_without_a_test_it_is_not_known_how_many_failed() -> None:
    found = facts({"f.json": _snapshot(tests=[])})["evidently"]
    assert found == {"tests": {}, "metrics": {"ValueDrift(column=age)": 0.27}}


def test_whole_numbers_stay_whole_and_figures_by_label_are_taken() -> None:
    value = {"counts": {"red": 3, "blue": 4}, "shares": {"red": 0.43, "blue": 0.57}}
    found = facts({"f.json": _snapshot(metrics=[METRIC | {"value": value}])})["evidently"]
    assert json.dumps(found["metrics"]["ValueDrift(column=age)"]) == json.dumps(value)


def test_it_stands_beside_an_evaluation_of_our_form() -> None:
    both = facts({"f.json": _snapshot(), "e.csv": "metric,group,value\nm,a,1\n"})
    assert both.keys() == {"evaluation", "evidently"}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"tests": [TEST | {"status": "ERROR"}]}, "tests[0].status: found 'ERROR', need FAIL or"),
        ({"tests": [TEST | {"status": None}]}, "tests[0].status: found nothing, need FAIL or"),
        ({"tests": [{"id": "x", "status": "FAIL"}]}, "tests[0].name: found nothing, need a name"),
        ({"tests": [TEST, TEST]}, "tests[1].id: found '9c' again, need each once"),
        ({"tests": {}}, "tests: found a mapping, need a list"),
        ({"tests": ["x"]}, "tests[0]: found 'x', need an object"),
        ({"metrics": [METRIC | {"value": None}]}, "metrics[0].value: found nothing, need a number"),
        ({"metrics": [METRIC | {"value": float("nan")}]}, "metrics[0].value: found NaN, need a n"),
        (
            {"metrics": [METRIC | {"value": {"mean": "x"}}]},
            "metrics[0].value.mean: found 'x', need",
        ),
        ({"metrics": [METRIC | {"value": {"a": {"b": {"c": 1}}}}]}, "value.a.b: found a mapping"),
        ({"metrics": [METRIC | {"value": {}}]}, "metrics[0].value: found a mapping, need a number"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_path(parts: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        facts({"f.json": _snapshot(**parts)})
    assert str(refused.value).startswith("f.json: ")
    assert said in str(refused.value)


def test_it_is_no_baseline() -> None:
    with pytest.raises(UsageError, match=r"b\.json: found 'tests'"):
        facts({"e.csv": "metric,group,value\nm,a,1\n"}, {"b.json": json.dumps({"tests": []})})

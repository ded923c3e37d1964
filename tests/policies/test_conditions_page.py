"""What docs/conditions.md says is so: its examples answer what stands behind them."""

import json
import re
from datetime import UTC, datetime

import pytest
import yaml

from bot.domain.conditions import FactType, Truth
from bot.domain.violation import Report, Severity
from bot.policies.cel import CelError, Inputs, compiled
from bot.policies.cel_reads import KEYS, VARIABLES
from bot.policies.cel_words import FUNCTIONS
from bot.yaml.problems import Place, Problem
from tests.staging.environment import ROOT

PAGE = (ROOT / "docs" / "conditions.md").read_text(encoding="utf-8")
VIOLATION, TYPES, *EXAMPLES = (
    match[1]
    for match in re.finditer(r"^```(?:json|yaml|cel)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
)
DECLARED = {name: FactType(kind) for name, kind in yaml.safe_load(TYPES)["facts"].items()}
LINE = re.compile(r"(?P<text>.*?) *// (?P<answer>yes|no|not known|refused)(?:: (?P<said>.*))?")
ANSWERS = {"yes": Truth.YES, "no": Truth.NO, "not known": Truth.UNKNOWN}
LINES = [LINE.fullmatch(line) for line in "".join(EXAMPLES).splitlines() if line]


def inputs(**facts: object) -> Inputs:
    report = Report.model_validate(json.loads(VIOLATION) | ({"facts": facts} if facts else {}))
    return Inputs(report, Severity.HIGH, datetime(2026, 11, 27, 22, 30, tzinfo=UTC), "ci")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["text"])
def test_an_example_answers_what_stands_behind_it(line: re.Match[str]) -> None:
    if line["answer"] == "refused":
        with pytest.raises(CelError) as error:
            compiled(line["text"], DECLARED)
        assert line["said"] in error.value.message
    else:
        answer = compiled(line["text"], DECLARED).ask(inputs())
        assert answer == (ANSWERS[line["answer"]], line["said"])


def test_the_page_has_every_variable_key_and_function() -> None:
    table = PAGE.partition("## What can be asked")[2].partition("```")[0]
    for word in VARIABLES.union(*KEYS.values()):
        assert f"`{word}`" in table
    for function in FUNCTIONS:
        assert re.search(rf"\b{re.escape(function)}\(", "".join(EXAMPLES)), function


def test_the_error_at_its_head_is_the_one_that_is_told() -> None:
    line = '    when: subject.kind = "model"'
    before = len("    when: ")
    with pytest.raises(CelError) as error:
        compiled(line[before:], DECLARED)
    place = Place("policies.yaml", 6, before + error.value.column, line)
    assert str(Problem(place, error.value.message)) in PAGE


def test_thirty_things_stand_within_one_another_and_no_more_than_thirty_three() -> None:
    for few, many in (
        ("(" * 30 + "true" + ")" * 30, "(" * 33 + "true" + ")" * 33),
        ("facts" + ".a" * 30, "facts" + ".a" * 33),
        ("+".join(["1"] * 30) + " > 1", "+".join(["1"] * 33) + " > 1"),
    ):
        assert compiled(few, {}).text == few
        with pytest.raises(CelError, match="need 30 at most"):
            compiled(many, {})
    many = " || ".join(["facts.?tags.hasValue()"] * 500)
    assert compiled(many, {}).ask(inputs()).value is Truth.YES


def test_ten_thousand_turns_are_too_many() -> None:
    for text, few, many in (
        ("facts.tags.all(tag, tag == 1)", 9_999, 10_000),
        ("facts.tags.all(tag, facts.tags.exists(other, other == tag))", 99, 10_000),
        ("facts.tags.all(tag, facts.tags.all(other, other == tag))", 99, 100),
    ):
        condition = compiled(text, DECLARED)
        assert condition.ask(inputs(tags=[1] * few)).value is Truth.YES
        assert condition.ask(inputs(tags=[1] * many)).why == "facts.tags: took too long"

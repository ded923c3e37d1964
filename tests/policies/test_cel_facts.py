"""Facts of another type, of any size, and such as nobody can compare."""

from typing import Any

import pytest

from bot.domain.conditions import Known, Truth
from bot.domain.violation import Severity
from tests.policies.asking import FACTS, HIDDEN, TYPES, ask, inputs


def nested(depth: int) -> Any:  # noqa: ANN401 - any JSON
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ODD = {
    "huge": 2**70,
    "half": f"{HIDDEN}\ud800",
    "nul": "none\0s3cret",
    "nan": float("nan"),
    "deep": nested(500),
    "held": {"in": [{"it": -(2**70)}]},
    "key": {"\ud800": 1},
}


WRONG = {
    "string": (7, True, None, ["none"]),
    "double": ("0.9", True, None, {}, 10**400),
    "int": ("7", 7.5, True, 1e300, 2**70),
    "bool": ("true", 1, None),
    "list": ("a", {"a": 1}, None),
    "map": ("a", [1], 1),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
@pytest.mark.parametrize(
    "form",
    [
        "has(facts.{0})",
        "!has(facts.{0}) || true",
        "facts.?{0}.hasValue()",
        "true || facts[?'{0}'].hasValue()",
        "type(facts.{0}) == string || true",
        "facts.exists(each, true)",
    ],
)
def test_a_fact_of_another_type_than_declared_is_not_known_to_whatever_reads_it(
    name: str, value: object, form: str
) -> None:
    answer = ask(form.format(name), inputs({name: value, "other": 1}))
    assert answer.value is Truth.UNKNOWN
    assert f"facts.{name} " in str(answer.why)
    assert ask("facts.other == 1", inputs({name: value, "other": 1})).value is Truth.YES


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("string", 7, "facts.string is a number, need string"),
        ("double", True, "facts.double is a bool, need double"),
        ("int", 7.5, "facts.int is a number that is no int, need int"),
        ("map", None, "facts.map is null, need map"),
        ("list", {}, "facts.list is a map, need list"),
    ],
)
def test_the_types_are_named_where_they_differ(name: str, value: object, why: str) -> None:
    assert ask(f"has(facts.{name})", inputs({name: value})) == Known(Truth.UNKNOWN, why)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("facts.double * 2.0 == 2.0", 1),
        ("facts.?double.orValue(0.5) * 2.0 == 2.0", 1),
        ("facts.double > 1.0", 2**70),
        ("facts.int + 1 == 8", 7.0),
    ],
)
def test_a_number_that_is_whole_is_an_int_and_a_double(text: str, value: float) -> None:
    assert ask(text, inputs({"double": value, "int": value})).value is Truth.YES


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("huge", "holds a number beyond 64 bits"),
        ("half", "holds a character that can't be compared"),
        ("nul", "holds a character that can't be compared"),
        ("nan", "holds what is not a number"),
        ("deep", "holds lists or maps deeper than 64"),
        ("held", "holds a number beyond 64 bits"),
        ("key", "holds a character that can't be compared"),
    ],
)
def test_a_fact_that_cannot_be_compared_is_not_known_and_leaves_the_others_alone(
    name: str, why: str
) -> None:
    facts = {**FACTS, name: ODD[name]}
    for text in (f"facts.{name} == facts.{name}", f"facts.?{name}.hasValue()"):
        assert ask(text, inputs(facts)) == Known(Truth.UNKNOWN, f"facts.{name} {why}")
    for text in ("size(facts) > 1", 'facts.exists(each, each == "text")'):
        assert ask(text, inputs(facts)) == Known(Truth.UNKNOWN, f"a fact {why}")
    assert ask("facts.number == 5 && facts.double > 0.9", inputs(facts)).value is Truth.YES


def test_many_conditions_are_asked_of_what_was_built_once() -> None:
    facts = {"action": "export", "to": "internal", "confidence": 0.9, "rows": 7, "tags": ["a"]}
    asked = inputs(facts)
    assert ask('facts.?to.orValue("") == "internal"', asked).value is Truth.YES
    built = asked.activation
    for number in range(1000):
        read = sorted({*facts} - {"tags"})[number % 4]
        text = f"has(facts.{read}) && facts.?n{number}.orValue({number}) == {number}"
        assert ask(text, asked).value is Truth.YES
    assert asked.activation is built


def test_of_many_facts_only_those_are_looked_at_that_conditions_read() -> None:
    asked = inputs({f"f{number}": number for number in range(100)})
    assert ask("facts.f7 == 7 && facts.f8 == 8", asked).value is Truth.YES
    unseen = {name for name, kind in asked.facts.open if kind == "?"}
    assert unseen == {f"f{number}" for number in range(100)} - {"f7", "f8"}


def test_a_condition_on_facts_as_a_whole_reads_all_of_them_whatever_is_declared() -> None:
    for types in (TYPES, {}):
        assert ask('"list" in facts && size(facts) == 11', types=types).value is Truth.YES


def test_facts_of_some_size_are_not_looked_at_until_a_condition_reads_them() -> None:
    facts = {**FACTS, "rows": [{"name": "x" * 20}] * 5000}
    asked = inputs(facts)
    assert ask("facts.int == 7 && facts.?text.hasValue()", asked).value is Truth.YES
    assert ("rows", "?") in asked.facts.open
    assert ask("size(facts.rows) == 5000", asked).value is Truth.YES
    assert ("rows", "?") not in asked.facts.open


def test_a_fact_that_is_handed_over_late_is_read_at_every_severity() -> None:
    high = inputs({"int": 7, "list": [1], "map": {"a": 1}})
    low = high.with_severity(Severity.LOW)
    for text in ("facts.int == 7", "facts.list == [1]", "facts.map.a == 1"):
        for asked in (high, low):
            assert ask(text, asked).value is Truth.YES, text

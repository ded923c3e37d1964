"""What conditions answer: yes, no, or not known with a reason that holds no fact's value."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conditions import FactType, Known, Truth
from bot.domain.violation import Initiator, Origin, Report, Severity, Subject
from bot.policies.cel import Inputs, compiled

NOW = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
TYPES = {kind.value: kind for kind in FactType}
HIDDEN = "s3cret"


def nested(depth: int) -> Any:  # noqa: ANN401 - any JSON
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


FACTS: Mapping[str, Any] = {
    "string": HIDDEN,
    "double": 0.95,
    "int": 7,
    "bool": True,
    "list": [1, 2.5, HIDDEN],
    "map": {"a": {"b": 1}, "text": HIDDEN},
    "text": HIDDEN,
    "number": 5,
    "nothing": None,
    "numbers": list(range(150)),
    "zone": "Nowhere/s3cret",
}
ODD = {
    "huge": 2**70,
    "half": f"{HIDDEN}\ud800",
    "nul": "none\0s3cret",
    "nan": float("nan"),
    "deep": nested(500),
    "held": {"in": [{"it": -(2**70)}]},
    "key": {"\ud800": 1},
}


def inputs(
    facts: Mapping[str, Any] = FACTS,
    team: str | None = None,
    severity: Severity = Severity.HIGH,
) -> Inputs:
    report = Report(
        policy="export",
        title="t",
        team=team,
        initiator=Initiator(email="ada@acme.test"),
        subject=Subject(kind="model", name="ranker"),
        origin=Origin(repository="acme/ranker", pull_request=42),
        facts=dict(facts),
    )
    return Inputs(report, severity, NOW, "ci")


def ask(text: str, given: Inputs | None = None, types: Mapping[str, FactType] = TYPES) -> Known:
    return compiled(text, types).ask(given or inputs())


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('policy == "export" && severity == "high" && source == "ci"', True),
        ('subject.kind == "model" && subject.?version.orValue("") == ""', True),
        ("origin.pull_request == 42 && !has(origin.commit)", True),
        ('initiator.email == "ada@acme.test"', True),
        ('now.getHours("Europe/Paris") == 23', True),
        ('severity in ["low", "medium"]', False),
        ("facts.double >= 0.9", True),
        ("facts.?double.orValue(0.0) > 0.95", False),
        ("facts.?absent.orValue(0.0) > 0.95", False),
        ('facts["int"] == 7', True),
        ("facts.bool && has(facts.string)", True),
        ("facts.list.exists(each, each == 2.5)", True),
        ("facts.map.a.b == 1 && facts.?map.?a.?c.orValue(5) == 5", True),
        ("facts.number > 4.5 && facts.number != 6", True),
        ("facts.nothing == null", True),
        ("facts.?absent.hasValue()", False),
        ('facts.exists(name, name == "text")', True),
        ('facts[subject.kind == "model" ? "number" : "text"] == 5', True),
        ('size(facts) == 11 && "text" in facts', True),
        # What can't be known and doesn't matter.
        ("facts.absent == 1 || true", True),
        ("facts.absent == 1 && false", False),
        ('team == "x" || facts.bool', True),
    ],
)
def test_a_condition_answers_yes_or_no(text: str, answer: bool) -> None:
    assert ask(text) == Known(Truth.YES if answer else Truth.NO)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("facts.absent == 1", "facts.absent is missing"),
        ("facts.absent.x == 1", "facts.absent is missing"),
        ("facts.map.x.y == 1", "facts.map.x is missing"),
        ("has(facts.absent.x)", "facts.absent is missing"),
        ("facts.text.x == 1", "facts.text is a string, need a map"),
        ("facts.nothing.x == 1", "facts.nothing is null, need a map"),
        ('subject.digest == "x"', "subject.digest is not given"),
        ('origin.environment == "x"', "origin.environment is not given"),
        ("initiator.github == 'x'", "initiator.github is not given"),
        ('team == "x"', "team is not given"),
        ("facts[subject.name] == 1", "a key is missing"),
        ("facts[facts.text] == 1", "a key is missing"),
        ("facts.text > 3", "facts.text is a string: > doesn't take that"),
        ("facts.nothing > 3", "facts.nothing is null: > doesn't take that"),
        ("facts.number + facts.text == 1", "facts.number is a number, facts.text is a string: +"),
        ("facts.text && true", "facts.text is a string: && doesn't take that"),
        ("facts.text ? true : false", "facts.text is a string: ?: doesn't take that"),
        ('facts.number.startsWith("x")', "facts.number is a number: startsWith doesn't take that"),
        ("size(facts.number) == 1", "facts.number is a number: size doesn't take that"),
        ("facts.list[5] == 1", "facts.list: a list has no such element"),
        ("facts.int / 0 == 1", "facts.int: division by zero"),
        ("facts.int * 9223372036854775807 > 1", "facts.int: a number is too large"),
        ("int(facts.text) == 1", "facts.text: a value can't be converted"),
        ("timestamp(facts.text) < now", "facts.text: a text is no time"),
        ("duration(facts.text) > duration('1h')", "facts.text: a text is no duration"),
        ("now.getHours(facts.zone) > 1", "facts.zone: unknown time zone"),
        ("'a'.matches('[' + facts.text)", "facts.text: a pattern is no regular expression"),
        ("facts.?absent.value() == 1", "an optional is empty"),
        ("facts.text", "the answer is a string, need true or false"),
        ("facts.number", "the answer is an int, need true or false"),
        ("facts.nothing", "the answer is null, need true or false"),
        ("dyn(facts.?number)", "facts.number: the answer is neither true nor false"),
        (
            "facts.numbers.all(one, facts.numbers.all(other, one + other < 1000))",
            "facts.numbers: took too long",
        ),
    ],
)
def test_what_is_not_known_says_why(text: str, why: str) -> None:
    answer = ask(text)
    assert answer.value is Truth.UNKNOWN
    assert answer.why is not None
    assert answer.why.startswith(why)


WRONG = {
    "string": (7, True, None, ["none"]),
    "double": ("0.9", True, None, {}),
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


def test_why_never_holds_a_value_or_what_only_the_violation_calls_a_fact() -> None:
    """Facts are personal, and so may be their names, where no file has them."""
    odd = {f"{HIDDEN}@acme.test": 2**70}
    texts = [
        *(f"facts[{name!r}] {rest}" for name in FACTS for rest in ("> 3", "> 'a'", "== 1", "")),
        *(
            f"dyn({call}(facts.text)) == null"
            for call in ("int", "double", "timestamp", "duration")
        ),
        *(
            f"facts.{name}.{call}"
            for name in ("text", "map", "list")
            for call in ("x == 1", "b[9]")
        ),
        "facts[facts.text] == 1",
        "facts.map[facts.text] == 1",
        "now.getHours(facts.zone) == 1",
        "'a'.matches(facts.text + '[')",
        "facts.list.map(each, each + 1) == []",
        "facts.text.split('') == ['a']",
    ]
    for facts in (FACTS, {**FACTS, **odd}):
        for text in [*texts, "size(facts) == 1"]:
            answer = ask(text, inputs(facts), {})
            assert HIDDEN not in str(answer.why), text
            assert (answer.why is None) == (answer.value is not Truth.UNKNOWN)


def test_a_team_is_read_where_it_is_given() -> None:
    assert ask('team == "search"', inputs(team="search")).value is Truth.YES


def test_the_same_violation_is_asked_at_another_severity() -> None:
    high = inputs()
    low = high.with_severity(Severity.LOW)
    condition = compiled('severity == "low" && facts.int == 7', TYPES)
    assert [condition.ask(each).value for each in (high, low, high, low)] == [
        Truth.NO,
        Truth.YES,
        Truth.NO,
        Truth.YES,
    ]


def test_many_conditions_are_asked_of_what_was_built_once() -> None:
    asked = inputs({"action": "export", "to": "internal", "confidence": 0.9, "tags": ["a"]})
    texts = [
        f'subject.kind == "model" && facts.?to.orValue("") == "internal" && facts.?n{number}'
        f".orValue(1.0) > 0.{number}"
        for number in range(1000)
    ]
    compiled(texts[0], {}).ask(asked)
    built = asked.activation
    answers = {compiled(text, {}).ask(asked).value for text in texts}
    assert asked.activation is built
    assert answers == {Truth.YES}


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CONDITIONS = [
    "facts.string != 'none'",
    "facts.?double.orValue(0.5) * 2.0 > 1.0",
    "facts.int + 1 > 2",
    "!facts.bool",
    "facts.list.exists(each, each == 1)",
    "facts.?map.?a.hasValue()",
    "facts.any == 1 || facts.any > 1 || facts.any.a == 1",
    "facts.exists(each, each == 'x')",
]


@given(
    facts=st.dictionaries(st.sampled_from([*TYPES, "any"]), JSON, max_size=7),
    order=st.permutations(CONDITIONS),
)
def test_the_answer_depends_on_the_violation_alone(
    facts: dict[str, object], order: list[str]
) -> None:
    """Neither on what was asked before nor on the order of the facts; and whatever they are."""
    together, turned = inputs(facts), inputs(dict(reversed(facts.items())))
    for text in order:
        answer = ask(text, inputs(facts))
        assert ask(text, together) == ask(text, turned) == answer

"""What conditions answer: yes, no, or not known with a reason that holds no fact's value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conditions import Known, Truth
from bot.domain.violation import Severity
from bot.policies.cel import compiled
from tests.policies.asking import FACTS, HIDDEN, TYPES, ask, inputs


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
        (
            "facts.int + facts.number + facts.numbers.size() == facts.text.size() / 0",
            "facts.int, facts.number, facts.numbers: division by zero",
        ),
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

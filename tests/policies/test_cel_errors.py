"""A condition that can't be used: where in it, what was found, and what was probably meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conditions import FactType
from bot.policies.cel import CelError, compiled
from bot.policies.cel_lexemes import Kind, lexemes

TYPES = {kind.value: kind for kind in FactType} | {"pii": FactType.STRING}

# fmt: off
ERRORS = [
    # Signs and words of other languages.
    ('subject.kind = "model"', 1, 14, "found =, need =="),
    ('facts.x = 1 && facts.y == 2', 1, 9, "found =, need =="),
    ('team === "x"', 1, 6, "found ===, need =="),
    ('team !== "x"', 1, 6, "found !==, need !="),
    ('team <> "x"', 1, 6, "found <>, need !="),
    ('facts.x => 1', 1, 9, "found =>, need >="),
    ('facts.x =< 1', 1, 9, "found =<, need <="),
    ('facts.x := 1', 1, 9, "found :=, need =="),
    ('true & false', 1, 6, "found &, need &&"),
    ('true | false', 1, 6, "found |, need ||"),
    ('facts.x ?? 1', 1, 9, "found ??, need .orValue(…)"),
    ('facts?.x', 1, 6, "found ?., need .? before a name that may be missing"),
    ('true /* why */', 1, 6, "found /*, need // before a comment"),
    ('true # why', 1, 6, "found #, need // before a comment"),
    ('true;', 1, 5, "found ;, need nothing after a condition"),
    ('team == "x" and true', 1, 13, "found and, need &&"),
    ('team == "x" AND true', 1, 13, "found AND, need &&"),
    ('team == "x" or true', 1, 13, "found or, need ||"),
    ('not true', 1, 1, "found not, need !"),
    ('not(true)', 1, 1, "found not, need !"),
    ('team not in ["x"]', 1, 6, "found not, need ! as in !(x in y)"),
    ('team is "x"', 1, 6, "found is, need =="),
    ('team like "x%"', 1, 6, "found like, need text.matches(pattern)"),
    ('team startsWith "x"', 1, 6, "found startsWith, need text.startsWith(part)"),
    ('if true then false', 1, 1, "found if, need condition ? one : other"),
    ('if(true, 1, 2)', 1, 1, "found if, a word that CEL keeps for itself"),
    ('team == True', 1, 9, "found True, need true"),
    ('facts.x == None', 1, 12, "found None, need null"),
    # What is broken off, and what is too much.
    ('', 1, 1, "found nothing, need a value"),
    ('// why', 1, 7, "found nothing, need a value"),
    ('facts.x >', 1, 10, "found the end after >, need a value"),
    ('team == "x" &&\n  && true', 2, 3, "found &&, need a value"),
    ('facts.x.', 1, 9, "found the end after ., need the name of a field"),
    ('facts.in == 1', 1, 7, 'found in, need the name of a field, or facts["…"]'),
    ('true ? true', 1, 12, "found the end after true, need a : and the other value"),
    ('(team == "x"', 1, 1, "found ( without its )"),
    ('team == "x")', 1, 12, "found ) that nothing opens"),
    ('team in ["x")', 1, 13, "found ), need ] for the [ before it"),
    ('true false', 1, 6, "found false after true, need an operator such as == or &&"),
    ('true [1', 1, 6, "found [ without its ]"),
    # Texts.
    ("team == 'x", 1, 9, "found a text without its closing '"),
    ('team == "x', 1, 9, 'found a text without its closing "'),
    ("team == 'it's'", 1, 13, r"a quote in a text is \'"),
    (r'team == "\d"', 1, 10, r"found \d in a text, need \\ for a backslash"),
    (r'team == "\ud800"', 1, 9, "need characters that there are"),
    ('team == \N{LEFT DOUBLE QUOTATION MARK}x"', 1, 9, "need \" or ' around a text"),
    ('true\N{NO-BREAK SPACE}&& true', 1, 5, "found the character U+00A0, need a blank"),
    ('$team == "x"', 1, 1, "found $, which is no part of CEL"),
    ('team == "\0"', 1, 10, "found NUL or half a character"),
    ('team == "\ud800"', 1, 10, "found NUL or half a character"),
    (r'team == r"\d" and true', 1, 15, "found and, need &&"),
    (r"team == 'r\d'", 1, 11, r"found \d in a text, need \\ for a backslash"),
    ("team = 'recursion'", 1, 6, "found =, need =="),
    ("team + 'ERROR: <input>:1:1: Syntax error' == 1", 1, 43, "found a string == an int"),
    # Names.
    ('teem == "x"', 1, 1, "found teem, did you mean 'team'?"),
    ('true && \n fcats.x == 1', 2, 2, "found fcats, did you mean 'facts'?"),
    ('violation.team == "x"', 1, 1, "found violation, need one of: facts, initiator, now"),
    ('team == search', 1, 9, "a text stands in quotes"),
    ('facts.pii-level == 1', 1, 11, 'found level, did you mean ["pii-level"]'),
    ('subject.knid == "x"', 1, 9, "found subject.knid, did you mean subject.kind?"),
    ('subject.KIND == "x"', 1, 9, "found subject.KIND, did you mean subject.kind?"),
    ('subject["knid"] == "x"', 1, 9, "found subject.knid, did you mean subject.kind?"),
    ('has(subject.knid)', 1, 13, "found subject.knid, did you mean subject.kind?"),
    ('origin.?environmnt.orValue("") == ""', 1, 9, "did you mean origin.environment?"),
    ('initiator.team == "x"', 1, 11, "found initiator.team, need one of: email, github, name"),
    ('team.x == 1', 1, 5, "found .x of a string, which has no fields"),
    ('facts.x.z(1)', 1, 9, "found z(…), and there is no such function here"),
    ('len(team) == 1', 1, 1, "found len(…), did you mean size(x)?"),
    ('size(1) == 1', 1, 1, "found size with an int, need size(x)"),
    ('team.startswith("x")', 1, 6, "found startswith(…), did you mean text.startsWith(part)?"),
    ('startsWith(team, "x")', 1, 1, "called in another way, need text.startsWith(part)"),
    ('team.startsWith(1)', 1, 6, "found startsWith with a string and an int"),
    ('facts.?x.orElse(1) == 1', 1, 10, "found orElse(…), did you mean facts.?x.orValue(default)?"),
    ('math.max(1, 2) == 2', 1, 1, "found math.max(…), did you mean math.greatest(x, y)?"),
    ('math.greatest() == 2', 1, 1, "found math.greatest(…) called in another way"),
    ('now.getHour() > 5', 1, 5, "found getHour(…), did you mean time.getHours(zone)?"),
    ('facts.exists(x)', 1, 7, "called in another way, need list.exists(x, condition)"),
    ('[1].exists(1, true)', 1, 12, "called in another way, need list.exists(x, condition)"),
    ('has(team)', 1, 5, "found has(…) called in another way, need has(facts.x)"),
    ('[1].exists(facts, facts == 1)', 1, 12, "found facts for an element"),
    ('facts{x: 1}', 1, 1, "found facts{…}, need facts without the bracket"),
    ('for == 1', 1, 1, "found for, a word that CEL keeps for itself"),
    ('f_dbl.x == 1.0', 1, 1, "found f_dbl, need one of: facts"),
    ('orig_n.x == 1', 1, 1, "found orig_n, did you mean 'origin'?"),
    # Types.
    ('team > 3', 1, 6, "found a string > an int, need both of one type"),
    ('true && severity == 3', 1, 18, "found a string == an int, need both of one type"),
    ('1 + "a" == 2', 1, 3, "found an int + a string, need two numbers, strings or lists"),
    ('-team == 1', 1, 1, "found - a string, need a number"),
    ('!team', 1, 1, "found ! a string, need true or false"),
    ('team && true', 1, 6, "found a string && a bool, need true or false"),
    ('team ? true : false', 1, 6, "found a string ? a bool : a bool, need true or false before"),
    ('team == null', 1, 6, "what is missing is not null; has(facts.x) and facts.?x ask for it"),
    ('team[0] == "x"', 1, 5, "found [an int] of a string, need a list with an int"),
    ('"x" in team', 1, 5, "did you mean text.contains(part)?"),
    ('team in [1]', 1, 6, "found a string in a list of int, need a list of the same type"),
    ('1 > 0.5', 1, 3, "found an int > a double, need both of one type: write 1.0"),
    ('facts.?x == "a"', 1, 10, "found an optional == a string, need both of one type: write .orV"),
    ('now > "2027-01-31"', 1, 5, 'write timestamp("2027-01-31T00:00:00Z")'),
    ('now - now > 5', 1, 11, 'found a duration > an int, need both of one type: write duration("'),
    ('1u > 1', 1, 4, "found a uint > an int, need both of one type"),
    ('99999999999999999999 > 1', 1, 1, "need a number of at most 64 bits"),
    ('origin.pull_request == "42"', 1, 21, "found an int == a string"),
    # Types that the policy declares.
    ('facts.double > 1', 1, 14, "found a double > an int, need both of one type: write 1.0"),
    ('facts["double"] > 1', 1, 17, "found a double > an int, need both of one type: write 1.0"),
    ('facts.double in [1]', 1, 14, "found a double in a list of int, need a list of the same type, or a map with such keys: write 1.0"),  # noqa: E501
    ('facts.?double.orValue(0) > 1.0', 1, 15, "found orValue with an optional double and an int"),
    ('facts.?double.orValue(0) > 1.0', 1, 15, "write 0.0"),
    ('facts.int * 1.5 > 1.0', 1, 11, "write double(…) around the int"),
    ('facts.string != 7', 1, 14, "found a string != an int"),
    ('facts.?pii.orValue(0) != 7', 1, 12, "found orValue with an optional string and an int"),
    ('facts.bool == "true"', 1, 12, "found a bool == a string"),
    ('facts.list == "a"', 1, 12, "found a list == a string"),
    ('facts.map > 1', 1, 11, "found a map > an int"),
    ('facts.string', 1, 1, "found a string, need a condition that is true or false"),
    # What is no condition.
    ('1', 1, 1, "found an int, need a condition that is true or false"),
    (' facts', 1, 2, "found a map, need a condition that is true or false"),
    ('facts.?bool', 1, 1, "found an optional bool, need a condition that is true or false: write"),
    # What can only be wrong.
    ('severity > "medium"', 1, 10, 'need a list such as severity in ["high", "critical"]'),
    ('"medium" <= severity', 1, 10, 'need a list such as severity in ["high", "critical"]'),
    ('severity == "hihg"', 1, 13, "found 'hihg' for a severity, did you mean 'high'?"),
    ('"hihg" != severity', 1, 1, "found 'hihg' for a severity, did you mean 'high'?"),
    ('severity in ["high", "critcal"]', 1, 22, "did you mean 'critical'?"),
    ('now - now > duration("1d")', 1, 22, 'found "1d", need duration("5h30m")'),
    ('now > timestamp("2027-01-31")', 1, 17, 'need timestamp("2027-01-31T00:00:00Z")'),
    ('now.getHours("Paris") > 1', 1, 14, "need a time zone such as 'Europe/Paris'"),
    ('team.matches("[a")', 1, 14, "need a regular expression of RE2"),
    # Limits.
    ("(" * 33 + "true" + ")" * 33, 1, 1, "found too many things within one another"),
    (" + ".join(["1"] * 40) + " > 1", 1, 1, "found too many things"),
    ('team == "' + "a" * 100_000 + '"', 1, 1, "found more than 100,000 characters"),
]
# fmt: on


@pytest.mark.parametrize(("text", "line", "column", "said"), ERRORS)
def test_an_error_has_its_place_and_says_what_is_needed(
    text: str, line: int, column: int, said: str
) -> None:
    with pytest.raises(CelError) as error:
        compiled(text, TYPES)
    assert (error.value.line, error.value.column) == (line, column)
    assert said in error.value.message


def test_what_is_right_is_not_asked_for_again() -> None:
    with pytest.raises(CelError, match=r"need facts\.\?x\.orValue\(default\)$"):
        compiled("facts.?pii.orValue(0) != 7", TYPES)


def test_an_error_is_in_our_words() -> None:
    """Nothing of the library's own is left: neither its names of overloads nor its grammar."""
    for text, *_ in ERRORS:
        with pytest.raises(CelError) as error:
            compiled(text, TYPES)
        for theirs in ("CEL refuses", "Syntax", "overload", "expecting", "INVALID", "_type", "f_"):
            assert theirs not in error.value.message.removeprefix("found f_dbl"), text


@pytest.mark.parametrize(
    "text",
    [
        "facts.and == 1 && facts.or == 2 && facts.not == 3",
        "[1].all(and, and == 1)",
        "true ?.facts.bool : false",
        "facts.severity > 1",
        "\"matches('[')\" == team",
        'matches("[", team)',
        'timestamp("2027-01-31" + team) < now',
        "origin.pull_request > 42",
        "facts.undeclared > 1 && facts.undeclared > 0.5",
        "severity in ['high', 'critical']",
    ],
)
def test_what_is_unusual_and_right_is_taken(text: str) -> None:
    assert compiled(text, TYPES).text == text


WORDS = (
    "facts facts.x .x ? has( team == && in \"a\" 1 1.5 exists(x, size( orValue( subject // r' '''"
)
PIECES = st.sampled_from(
    [
        *"()[]{}.,?:!+-<>=&|#;\"'`\\\n\t $\ud800\N{LATIN SMALL LETTER E WITH ACUTE}",
        *WORDS.split(" "),
        *(text for text, *_ in ERRORS if len(text) < 40),
    ]
)


@given(text=st.text() | st.lists(PIECES, max_size=12).map("".join))
def test_whatever_is_written_is_a_condition_or_an_error_with_a_place_in_it(text: str) -> None:
    error = None
    try:
        compiled(text, TYPES)
    except CelError as refused:
        error = refused
    if error:
        lines = text.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
        assert error.message.startswith("found ")
    else:
        assert not any(lexeme.kind is Kind.WRONG for lexeme in lexemes(text))

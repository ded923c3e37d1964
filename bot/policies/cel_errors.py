"""Why a condition can't be compiled, in our words: what was found, and what was probably meant.

The library's own words name a place that is right and say little. They are read for what is wrong,
and the lexemes for what stands there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from bot.policies.cel_lexemes import Fault, Kind, Lexeme, offset, two_from
from bot.policies.cel_reads import VARIABLES, is_field
from bot.policies.cel_syntax import misspelt, short
from bot.policies.cel_words import FUNCTIONS, MEANT, NAMESPACES, call_words, type_words
from bot.yaml.problems import instead

_ERROR = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:(\d+):(\d+): (.*)", re.MULTILINE)
_TOO_DEEP = "found too many things within one another or in a row, need 30 at most"
_PLACELESS = {
    r"CANCELLED: Expression recursion limit": _TOO_DEEP,
    r"INVALID_ARGUMENT: ERROR: <input>:-1:-1: Exceeded max recursion": _TOO_DEEP,
    r"INVALID_ARGUMENT: expression size": "found more than 100,000 characters, need at most these",
}
_CONSTANTS = {"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null"}
_TYPE = re.compile(r"\w+(?:\.\w+)*")
_NEAR = 0.8  # of difflib's ratio: `lenght` is near `length`
_NEEDED = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "both of one type"),
    "+": "two numbers, strings or lists of one type",
    **dict.fromkeys("-*/%", "two numbers of one type"),
    **dict.fromkeys(("&&", "||", "!"), "true or false"),
    "?:": "true or false before ?, and both of one type behind it",
    "in": "a list of the same type, or a map with such keys",
    "[]": "a list with an int in brackets, or a map with its key",
}

_SHOWN = {"?:": "{} ? {} : {}", "[]": "[{1}] of {0}"}
_HINTS = {
    "null_type": "what is missing is not null; has(facts.x) and facts.?x ask for it",
    "google.protobuf.Timestamp": f"write {FUNCTIONS['timestamp']}",
    "google.protobuf.Duration": f"write {FUNCTIONS['duration']}",
}


def explained(text: str, lexemes: Sequence[Lexeme], said: str) -> Fault:
    """The first thing that is wrong with a condition, by what the library said of it."""
    for pattern, message in _PLACELESS.items():
        if re.match(pattern, said):
            return Fault(lexemes[0].at, message)
    if ("Syntax error" in said or "reserved" in said) and (fault := misspelt(text, lexemes)):
        return fault
    errors = [
        (offset(text, int(line), int(column)), words.removesuffix(" [INVALID_ARGUMENT]"))
        for line, column, words in _ERROR.findall(said)
        if "*error*" not in words
    ]
    at, words = min(errors, default=(0, said))
    number = max((number for number, lexeme in enumerate(lexemes) if lexeme.at <= at), default=0)
    for pattern, explain in _EXPLAINED.items():
        if found := re.match(pattern, words):
            return explain(lexemes, number, found)
    return Fault(at, f"found what CEL refuses: {words}")


def not_a_condition(kind: str) -> str:
    """What is wrong with a condition that gives something else than true or false."""
    hint = ": write .orValue(false) after it" if kind.startswith("optional") else ""
    return f"found {type_words(kind)}, need a condition that is true or false{hint}"


def _unexpected(lexemes: Sequence[Lexeme], number: int, said: re.Match[str]) -> Fault:
    lexeme, before = lexemes[number], lexemes[number - 1] if number else None
    found = short(lexeme)
    if lexeme.kind is Kind.END:
        found = f"the end after {short(before)}" if before else "nothing"
    if "expecting ':'" in said.string:
        needed = "a : and the other value"
    elif before and before.text == ".":
        needed = 'the name of a field, or facts["…"] for one that is no name'
    elif before and before.ends_value:
        needed = "an operator such as == or &&, or the end"
    else:
        needed = "a value such as facts.x, 1 or 'text'"
    return Fault(lexeme.at, f"found {found}, need {needed}")


def _unknown(lexemes: Sequence[Lexeme], number: int, _: re.Match[str]) -> Fault:
    """A name that there isn't; of a call the library gives its bracket, of a path its last dot."""
    if lexemes[number].text == "(" and number:
        return _unknown_call(lexemes, number - 1)
    while number and (is_field(lexemes, number) or lexemes[number].text in {".", "?"}):
        number -= 1
    lexeme, after = lexemes[number], lexemes[number + 1 : number + 4]
    if lexeme.text in NAMESPACES and [each.text for each in after[::2]] == [".", "("]:
        return _unknown_call(lexemes, number + 2)
    if lexeme.text in VARIABLES:
        return Fault(lexeme.at, f"found {lexeme.text}{{…}}, need {lexeme.text} without the bracket")
    return Fault(lexeme.at, f"found {lexeme.text}, {_meant(lexemes, number)}")


def _meant(lexemes: Sequence[Lexeme], number: int) -> str:
    """What was probably meant by a name that no variable has."""
    name = lexemes[number].text
    if name in _CONSTANTS:
        return f"need {_CONSTANTS[name]}"
    if number > 1 and lexemes[number - 1].text == "-" and is_field(lexemes, number - 2):
        return f'did you mean ["{lexemes[number - 2].name}-{name}"], for a name with - in it?'
    meant = instead(name, VARIABLES)
    return meant if meant.startswith("did") else f"{meant}; a text stands in quotes"


def _unknown_call(lexemes: Sequence[Lexeme], number: int) -> Fault:
    lexeme, name = lexemes[number], lexemes[number].text
    if number > 1 and lexemes[number - 2].text in NAMESPACES and lexemes[number - 1].text == ".":
        lexeme = lexemes[number - 2]
        name = f"{lexeme.text}.{name}"
    if name in FUNCTIONS:
        return Fault(lexeme.at, f"found {name}(…) called in another way, need {FUNCTIONS[name]}")
    if name.lower() == "not":
        return Fault(lexeme.at, f"found {name}, need ! as in !(x in y)")
    likely = {**{each.lower(): each for each in FUNCTIONS}, **MEANT}
    for called in (name.lower(), name.rpartition(".")[2].lower()):
        if near := get_close_matches(called, likely, n=1, cutoff=_NEAR):
            meant = FUNCTIONS[likely[near[0]]]
            return Fault(lexeme.at, f"found {name}(…), did you mean {meant}?")
    return Fault(lexeme.at, f"found {name}(…), and there is no such function here")


def _mismatch(lexemes: Sequence[Lexeme], number: int, found: re.Match[str]) -> Fault:
    types = _split(found[2])
    words = [type_words(each) for each in types]
    sign = call_words(found[1])
    hint = _hint(sign, types, lexemes, number)
    if sign not in _NEEDED:
        needed = FUNCTIONS.get(sign, "another call")
        lexeme = lexemes[max(0, number - 1)]
        return Fault(lexeme.at, f"found {sign} with {' and '.join(words)}, need {needed}{hint}")
    shown = _SHOWN.get(sign, f"{sign} {{}}" if len(words) == 1 else f"{{}} {sign} {{}}")
    needed = "a number" if sign == "-" and len(words) == 1 else _NEEDED[sign]
    return Fault(lexemes[number].at, f"found {shown.format(*words)}, need {needed}{hint}")


def _hint(sign: str, types: Sequence[str], lexemes: Sequence[Lexeme], number: int) -> str:
    """What was probably meant where types don't go together."""
    kinds = {kind for each in types for kind in _TYPE.findall(each)}
    if {"double", "int"} <= kinds:
        near = [number + 1, number - 1, *([number + 2] if lexemes[number + 1].text in "[-" else [])]
        ints = [lexemes[each].text for each in near if each < len(lexemes)]
        literal = next((each for each in ints if each.isdecimal()), None)
        return f": write {literal}.0" if literal else ": write double(…) around the int"
    if "optional_type" in kinds and sign in _NEEDED:
        return ": write .orValue(…) after what may be missing"
    if sign == "in" and types[1] == "string":
        return f": did you mean {FUNCTIONS['contains']}?"
    for kind, hint in _HINTS.items():
        if kind in kinds:
            return f": {hint}"
    return ""


def _split(types: str) -> list[str]:
    """The types of a call: parted by the commas that stand in no bracket."""
    depth, parts = 0, [""]
    for letter in types:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _no_fields(lexemes: Sequence[Lexeme], number: int, found: re.Match[str]) -> Fault:
    name, behind = two_from(lexemes, number + 1)
    field = short(behind if name.text == "?" else name)
    message = f"found .{field} of {type_words(found[1])}, which has no fields"
    return Fault(lexemes[number].at, message)


def _other_call(lexemes: Sequence[Lexeme], number: int, found: re.Match[str]) -> Fault:
    needed = FUNCTIONS.get(found[1], "another call")
    return Fault(lexemes[number].at, f"found {found[1]}(…) called in another way, need {needed}")


def _number(lexemes: Sequence[Lexeme], number: int, _: re.Match[str]) -> Fault:
    found = short(lexemes[number])
    return Fault(lexemes[number].at, f"found {found}, need a number of at most 64 bits")


def _character(lexemes: Sequence[Lexeme], number: int, _: re.Match[str]) -> Fault:
    found = short(lexemes[number])
    return Fault(lexemes[number].at, f"found {found}, need characters that there are")


def _reserved(lexemes: Sequence[Lexeme], number: int, found: re.Match[str]) -> Fault:
    message = f"found {found[1]}, a word that CEL keeps for itself, need another"
    return Fault(lexemes[number].at, message)


_EXPLAINED: Mapping[str, Callable[[Sequence[Lexeme], int, re.Match[str]], Fault]] = {
    r"Syntax error": _unexpected,
    r"undeclared reference to": _unknown,
    r"found no matching overload for '(.+)' applied to '\((.*)\)'": _mismatch,
    r"expression of type '(.+)' cannot be the operand of a select": _no_fields,
    r"([\w.]+)\(\) ": _other_call,
    r"invalid \w+ literal": _number,
    r"Invalid (?:string|bytes) literal": _character,
    r"reserved identifier: (\w+)": _reserved,
}

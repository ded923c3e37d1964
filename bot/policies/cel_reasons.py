"""Why a condition that was asked is not known, in our words and without any value."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.policies.cel_facts import article, type_of
from bot.policies.cel_reads import FACTS, Access
from bot.policies.cel_words import call_words

_MISSING = {
    "Key not found": "a key is missing",
    "Applying SELECT": "a field is read of what has none",
    "No value with name": "a variable is not given",
}
_SAID = {
    "Iteration budget exceeded": "took too long",
    "Invalid timezone": "unknown time zone",
    "Index error": "a list has no such element",
    "divide by zero": "division by zero",
    "modulus by zero": "division by zero",
    "overflow": "a number is too large",
    "to Timestamp conversion failed": "a text is no time",
    "to Duration conversion failed": "a text is no duration",
    "invalid regular expression": "a pattern is no regular expression",
    "cannot convert": "a value can't be converted",
    "dereference": "an optional is empty",
    "Unable to convert": "the answer is neither true nor false",
}
_OVERLOAD = re.compile(r"No matching overloads found : (?:\([^)]*\)\.)?([^\s(]+)")
_ABSENT = object()
SHOWN = 3  # paths


def why_unknown(said: str, read: Sequence[Access], given: Mapping[str, Any]) -> str:
    """The sentence for what the library said; `given` are the variables with what they hold."""
    for words, ours in _MISSING.items():
        if words in said:
            return _missing(read, given) or ours
    facts = {
        ".".join(access.path): value
        for access in read
        if access.root == FACTS and (value := _value(access.path, given)) is not _ABSENT
    }
    paths = list(facts)[:SHOWN]
    if found := _OVERLOAD.search(said):
        types = ", ".join(f"{path} is {article(type_of(facts[path]))}" for path in paths)
        return f"{types or 'types'}: {call_words(found[1])} doesn't take that"
    what = next((ours for words, ours in _SAID.items() if words in said), "can't be computed")
    return f"{', '.join(paths)}: {what}" if paths else what


def _missing(read: Sequence[Access], given: Mapping[str, Any]) -> str | None:
    """The first path that is read and that isn't there."""
    for access in read:
        if access.root not in given:
            return f"{access.root} is not given"
        value = given[access.root]
        for depth, step in enumerate(access.bare[1:], 1):
            before = ".".join(access.bare[:depth])
            if not isinstance(value, Mapping):
                return f"{before} is {article(type_of(value))}, need a map"
            if step not in value:
                there = "missing" if access.root == FACTS else "not given"
                return f"{before}.{step} is {there}"
            value = value[step]
    return None


def _value(path: Sequence[str], given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    value: Any = given
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return _ABSENT
        value = value[step]
    return value

"""What of a violation's facts conditions are handed, and which of them nobody can compare.

Rules
- A fact counts as what it is in JSON: a whole number is an int and a double, a bool is no number,
  and null is of no declared type.
- What CEL can't hold is of no type: a number beyond 64 bits, NUL or half a surrogate pair in a
  text, what isn't a number, lists in lists without end. Who reads such a fact doesn't know.
- What is of any size is looked at and handed over only where a condition reads it.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot.domain.clean_text import UNSTORABLE
from bot.domain.conditions import FactType

Need = tuple[str, str]  # a fact's name and its type: a declared one, or one of these
UNTYPED = ""  # of a fact that no policy declares: any type will do
UNSEEN = "?"  # of a fact that nobody has looked at yet
DEEPEST = 64  # lists and maps in one another
LIGHT_FACTS = 50  # are handed over at once, each up to …
LIGHT_TEXT = 200  # characters

KINDS = (UNTYPED, *(kind.value for kind in FactType))
_DOUBLE, _INT, _BOOL = FactType.DOUBLE.value, FactType.INT.value, FactType.BOOL.value
_NESTED: dict[type, str] = {str: "string", list: "list", dict: "map"}
_WORDS: dict[type, str] = {**_NESTED, bool: "bool", int: "number", float: "number"}


class Facts:
    """The facts of one violation, sorted by what they can be read as.

    `given` are they as they came. `maps` are for CEL: by type, the facts that are of it. `open` are
    the needs that can't be met as yet: of facts that nobody has looked at, or of another type.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.given = facts
        self.maps: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self.open: set[Need] = {(name, UNSEEN) for name in facts}

    def needs_of_all(self) -> frozenset[Need]:
        """What a condition needs that reads the facts as a whole."""
        return frozenset((name, kind) for name in self.given for kind in (UNSEEN, UNTYPED))

    def look_at_light(self) -> None:
        """Sort all that costs next to nothing, where there are few."""
        if len(self.given) > LIGHT_FACTS:
            return
        for name, value in self.given.items():
            light = len(value) <= LIGHT_TEXT if isinstance(value, str) else True
            if light and not isinstance(value, list | dict):
                self.look_at(name)

    def look_at(self, name: str) -> bool:
        """Sort one fact; whether it had not been before."""
        if (name, UNSEEN) not in self.open:
            return False
        self.open.remove((name, UNSEEN))
        readings = _readings(self.given[name])
        for kind, values in self.maps.items():
            if kind in readings:
                values[name] = readings[kind]
            else:
                self.open.add((name, kind))
        return True

    def why_not(self, name: str, kind: str) -> str:
        """Why a fact can't be read as a type, without its value: what goes after its name."""
        value = self.given[name]
        if flaw := flaw_of(value):
            return flaw
        found = "number that is no int" if isinstance(value, float) and kind == _INT else ""
        return f"is {article(found or type_of(value))}, need {kind}"


BEYOND = "holds a number beyond 64 bits"
UNREADABLE = "holds a character that can't be compared"
NO_NUMBER = "holds what is not a number"
TOO_DEEP = f"holds lists or maps deeper than {DEEPEST}"


def type_of(value: object) -> str:
    """A value's type as JSON has it."""
    return "null" if value is None else _WORDS.get(type(value), "value of some type")


def article(kind: str) -> str:
    """`a string`, `null`."""
    return kind if kind == "null" else f"a {kind}"


def flaw_of(value: object) -> str | None:
    """What CEL can't hold in a value, wherever in it; None where there is nothing."""
    level: list[object] = [value]
    for _ in range(DEEPEST + 1):
        inside: list[object] = []
        for part in level:
            if isinstance(part, dict):
                inside += part
                inside += part.values()
            elif isinstance(part, list):
                inside += part
            elif flaw := _flaw_of_one(part):
                return flaw
        if not inside:
            return None
        level = inside
    return TOO_DEEP


def _flaw_of_one(value: object) -> str | None:
    if isinstance(value, str):
        return UNREADABLE if UNSTORABLE.search(value) else None
    if isinstance(value, float):
        return NO_NUMBER if math.isnan(value) else None
    return BEYOND if isinstance(value, int) and not -(2**63) <= value < 2**63 else None


def _readings(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """As what a value can be read: types, and the value as each of them has it."""
    if value is None:
        return {UNTYPED: None}
    if isinstance(value, bool):
        return {UNTYPED: value, _BOOL: value}
    if isinstance(value, int | float):
        return _numbers(value)
    kind = _NESTED.get(type(value))
    return {} if kind is None or flaw_of(value) else {UNTYPED: value, kind: value}


def _numbers(value: float) -> dict[str, float]:
    readings: dict[str, float] = {}
    flaw = flaw_of(value)
    if flaw != NO_NUMBER:
        with suppress(OverflowError):
            readings[_DOUBLE] = float(value)
    if not flaw:
        readings[UNTYPED] = value
        if isinstance(value, int) or (value.is_integer() and not flaw_of(int(value))):
            readings[_INT] = int(value)
    return readings

"""What the JSON of a passport may hold: kinds of values, checked, and as JSON Schema.

Rules
- One table says what is read, what is refused and what a reader elsewhere is told.
- A field that nobody here knows is no fault: a newer passport is read by an older program.
- What is wrong is said with its path, as `datasets[2].digest`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"
_SHA256 = r"[0-9a-f]{64}"


class Kind(Protocol):
    """A kind of value."""

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong with a value, a sentence each that begins with its path."""

    @property
    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """Some words, of so many characters at most."""

    why: str = ""
    most: int = 2000
    pattern: str = ""
    form: str = ""  # how the pattern is called

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong."""
        if not isinstance(value, str) or not 0 < len(value) <= self.most:
            yield f"{path}: need a text of 1 to {self.most:,} characters"
        elif self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            yield f"{path}: need {self.form}"

    @property
    def schema(self) -> dict[str, Any]:
        """A string."""
        schema = {"type": "string", "minLength": 1, "maxLength": self.most}
        pattern = {"pattern": f"^{self.pattern}$"} if self.pattern else {}
        return _described(schema | pattern, self.why)


def time(why: str = "") -> Text:
    """A moment in UTC."""
    return Text(why, 40, _TIME, "a time in UTC, such as 2026-11-28T12:00:00Z")


def sha256(why: str = "") -> "Fields":
    """Digests, of which one is SHA-256."""
    return Fields({"sha256": Text("In hex.", 64, _SHA256, "64 small hex digits")}, why=why)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is finite; a whole one, where that is asked for."""

    why: str = ""
    whole: bool = False

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong."""
        kinds = int if self.whole else int | float
        if isinstance(value, bool) or not isinstance(value, kinds) or value - value != 0:
            yield f"{path}: need a {'whole ' if self.whole else ''}number"

    @property
    def schema(self) -> dict[str, Any]:
        """A number."""
        return _described({"type": "integer" if self.whole else "number"}, self.why)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    words: tuple[str, ...]
    why: str = ""

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong."""
        if value not in self.words:
            yield f"{path}: need one of {', '.join(self.words)}"

    @property
    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return _described({"enum": list(self.words)}, self.why)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of so many at most."""

    of: Kind
    why: str = ""
    most: int = 1000

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong."""
        if not isinstance(value, list) or len(value) > self.most:
            yield f"{path}: need a list of at most {self.most:,}"
            return
        for number, each in enumerate(value):
            yield from self.of.faults(each, f"{path}[{number}]")

    @property
    def schema(self) -> dict[str, Any]:
        """An array."""
        schema = {"type": "array", "maxItems": self.most, "items": self.of.schema}
        return _described(schema, self.why)


@dataclass(frozen=True, slots=True)
class Named:
    """Values by names that are somebody else's."""

    of: Kind
    why: str = ""
    most: int = 1000

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong."""
        if not isinstance(value, dict) or len(value) > self.most:
            yield f"{path}: need an object of at most {self.most:,} fields"
            return
        for name, each in value.items():
            yield from self.of.faults(each, f"{path}.{name}"[:200])

    @property
    def schema(self) -> dict[str, Any]:
        """An object of any names."""
        return _described({"type": "object", "additionalProperties": self.of.schema}, self.why)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with these fields, of which some are needed."""

    of: Mapping[str, Kind]
    needed: tuple[str, ...] = field(default=())
    why: str = ""

    def faults(self, value: object, path: str) -> Iterator[str]:
        """What is wrong."""
        if not isinstance(value, dict):
            yield f"{path or 'it'}: need an object"
            return
        start = f"{path}." if path else ""
        for name in self.needed:
            if name not in value:
                yield f"{start}{name}: is missing"
        for name, kind in self.of.items():
            if name in value:
                yield from kind.faults(value[name], f"{start}{name}")

    @property
    def schema(self) -> dict[str, Any]:
        """An object."""
        properties = {name: kind.schema for name, kind in self.of.items()}
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if self.needed:
            schema["required"] = list(self.needed)
        return _described(schema, self.why)


def _described(schema: dict[str, Any], why: str) -> dict[str, Any]:
    return {"description": why, **schema} if why else schema

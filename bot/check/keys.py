"""What the files of a check may hold: keys with their kinds, read strictly, and as JSON Schema.

Rules
- One table a file says what is read, what is refused and what an editor is told.
- What is wrong is a problem with its place, what was found and what is needed; the rest is read.
- A key that isn't there is absent from what is read; there are no defaults here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from bot.yaml.problems import Problem, instead, nearest, shown
from bot.yaml.reader import KeyPath, YamlFile

TEXT_MOST = 200
POSITION_MOST = 99
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Kind(Protocol):
    """A kind of value."""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> Any:  # noqa: ANN401 - each kind has its own
        """The value at `path`; None where `problems` got longer by what is wrong with it."""

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of words. A number or a date is none: in quotes it is."""

    why: str = ""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> str | None:
        """The words, without blanks at their ends."""
        value = source.value(path)
        words = value.strip() if isinstance(value, str) else ""
        if words and words.isprintable() and len(words) <= TEXT_MOST:
            return words
        need = f"some text of one line, at most {TEXT_MOST} characters"
        if not isinstance(value, str) and value is not None:
            need += ", in quotes where it looks like something else"
        problems.append(source.problem(path, f"{_key(path)}: found {shown(value)}, need {need}"))
        return None

    def schema(self) -> dict[str, Any]:
        """A text with something in it."""
        return _described({"type": "string", "minLength": 1, "maxLength": TEXT_MOST}, self.why)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name, or a pattern of names with * in it; one that means every name means none."""

    why: str = ""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> str | None:
        """The words, without blanks at their ends."""
        words = Text().read(source, path, problems)
        if words is None or re.search(r"[^\W_]", words):
            return words
        need = "a name, or a pattern with letters in it"
        problems.append(source.problem(path, f"{_key(path)}: found {shown(words)}, need {need}"))
        return None

    def schema(self) -> dict[str, Any]:
        """A text with a letter or a digit in it."""
        schema = {"type": "string", "maxLength": TEXT_MOST, "pattern": "[^\\W_]"}
        return _described(schema, self.why)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    why: str = ""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> bool | None:
        """True or false."""
        value = source.value(path)
        if isinstance(value, bool):
            return value
        message = f"{_key(path)}: found {shown(value)}, need true or false"
        problems.append(source.problem(path, message))
        return None

    def schema(self) -> dict[str, Any]:
        """True or false."""
        return _described({"type": "boolean"}, self.why)


@dataclass(frozen=True, slots=True)
class Position:
    """The position of an argument, counted from 0, or its name."""

    why: str = ""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> int | str | None:
        """A number or a name."""
        value = source.value(path)
        whole = (
            isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= POSITION_MOST
        )
        if whole or (isinstance(value, str) and value.isidentifier()):
            return value  # type: ignore[no-any-return] # it is one of the two
        message = f"{_key(path)}: found {shown(value)}, need a position from 0 on, or a name"
        problems.append(source.problem(path, message))
        return None

    def schema(self) -> dict[str, Any]:
        """A number or a name."""
        number = {"type": "integer", "minimum": 0, "maximum": POSITION_MOST}
        return _described({"anyOf": [number, {"type": "string", "minLength": 1}]}, self.why)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    words: tuple[str, ...]
    why: str = ""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> str | None:
        """The word."""
        value = source.value(path)
        if value in self.words:
            return str(value)
        need = instead(str(value), self.words)
        problems.append(source.problem(path, f"{_key(path)}: found {shown(value)}, {need}"))
        return None

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return _described({"enum": list(self.words)}, self.why)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, written 2027-06-30."""

    why: str = ""

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> date | None:
        """The day."""
        value = source.value(path)
        try:
            if isinstance(value, str) and len(value) == len("2027-06-30"):
                return date.fromisoformat(value)
        except ValueError:
            pass  # told below, as any other value that is no day
        message = f"{_key(path)}: found {shown(value)}, need a day such as 2027-06-30"
        problems.append(source.problem(path, message))
        return None

    def schema(self) -> dict[str, Any]:
        """A date as text."""
        return _described({"type": "string", "format": "date"}, self.why)


@dataclass(frozen=True, slots=True)
class Many:
    """A list; where it holds one thing only, that may stand by itself."""

    of: Kind
    why: str = ""
    alone: bool = True
    empty: bool = False

    def read(self, source: YamlFile, path: KeyPath, problems: list[Problem]) -> Any:  # noqa: ANN401 - of any kind
        """A tuple of what could be read."""
        value = source.value(path)
        if not isinstance(value, list):
            if self.alone:
                only = self.of.read(source, path, problems)
                return None if only is None else (only,)
            problems.append(
                source.problem(path, f"{_key(path)}: found {shown(value)}, need a list")
            )
            return None
        if not value and not self.empty:
            message = f"{_key(path)}: found an empty list, need at least one"
            problems.append(source.problem(path, message))
            return None
        items = [self.of.read(source, (*path, number), problems) for number in range(len(value))]
        return tuple(item for item in items if item is not None)

    def schema(self) -> dict[str, Any]:
        """A list, or one by itself."""
        inside = self.of.schema()
        items: dict[str, Any] = {"type": "array", "items": inside}
        if not self.empty:
            items["minItems"] = 1
        return _described({"anyOf": [inside, items]} if self.alone else items, self.why)


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with known keys. Of each group in `either`, exactly one key is needed."""

    keys: Mapping[str, Kind]
    needed: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    why: str = ""

    def read(
        self, source: YamlFile, path: KeyPath, problems: list[Problem]
    ) -> dict[str, Any] | None:
        """What could be read, by key."""
        value = source.value(path)
        if not isinstance(value, dict):
            need = f"keys with values, such as {next(iter(self.keys))}"
            problems.append(source.problem(path, f"found {shown(value)}, need {need}"))
            return None
        unknown = value.keys() - self.keys.keys()
        for key in unknown:
            message = f"found the unknown key {key!r}, {instead(key, self.keys)}"
            problems.append(source.problem((*path, key), message, key=True))
        meant = {
            nearest(key, self.keys) for key in unknown
        }  # what is misspelt doesn't lack as well
        problems += [
            source.problem(path, f"found no {key!r}, need one here")
            for key in self.needed
            if key not in value and key not in meant
        ]
        for group in self.either:
            if len(value.keys() & set(group)) != 1 and not (meant & set(group)):
                found = " and ".join(key for key in group if key in value) or "none"
                need = f"need one of {' or '.join(group)}"
                problems.append(source.problem(path, f"found {found}, {need}"))
        read = {
            key: kind.read(source, (*path, key), problems)
            for key, kind in self.keys.items()
            if key in value
        }
        return {key: item for key, item in read.items() if item is not None}

    def schema(self) -> dict[str, Any]:
        """An object that refuses what it doesn't know."""
        schema: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key: kind.schema() for key, kind in self.keys.items()},
        }
        if self.needed:
            schema["required"] = list(self.needed)
        if self.either:
            schema["allOf"] = [
                {"oneOf": [{"required": [key]} for key in group]} for group in self.either
            ]
        return _described(schema, self.why)


@dataclass(frozen=True, slots=True)
class Shape:
    """A file: its name, what it is for, and what it may hold."""

    title: str
    content: Keys

    def read(self, source: YamlFile) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        """What could be read of it, and what is wrong, by place."""
        problems: list[Problem] = []
        read = self.content.read(source, (), problems) or {}
        return read, tuple(sorted(problems, key=lambda each: (each.place.line, each.place.column)))

    def schema(self) -> dict[str, Any]:
        """The whole schema of the file."""
        return {"$schema": DIALECT, "title": self.title, **self.content.schema()}


def _described(schema: dict[str, Any], why: str) -> dict[str, Any]:
    return {"description": why, **schema} if why else schema


def _key(path: KeyPath) -> str:
    """The last key of a path: the place says the rest."""
    return next((part for part in reversed(path) if isinstance(part, str)), "the file")

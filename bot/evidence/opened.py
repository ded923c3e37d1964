"""Whether the values beside a leaf are what its payload commits to.

Rules
- A commitment is `sha256:` and the hex SHA-256 of a salt and a value's JSON, and stands in the
  payload at the path by which the value is called.
- A salt is 16 bytes, no more and no less: else the border between salt and value could be moved,
  and the same commitment would be that of another value.
- Of a value that was erased its commitment is left, and when it was. Where nothing of an event is
  said to be erased each value is there that is personal by the types of its class; where something
  is, one of them is missing: else a mark alone would hide whatever rests on values.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.domain.aggregate import Aggregate
from bot.engine.aggregates import AGGREGATES
from bot.evidence.errors import MalformedError
from bot.evidence.export_lines import Entry
from bot.evidence.leaf import Leaf, moment
from bot.evidence.parsing import parsed
from bot.storage.personal import Apart
from bot.storage.records import is_known, personal_paths

PREFIX = "sha256:"
_SALT = re.compile(r"[0-9a-f]{32}")
_DIGITS_MOST = 9
AGGREGATES_BY_KIND: Mapping[str, Aggregate[Any, Any, Any]] = {
    each.kind: each for each in AGGREGATES
}


@dataclass(frozen=True, slots=True)
class Opening:
    """An entry whose payload and values were parsed; `apart` has those that are JSON."""

    entry: Entry
    payload: dict[str, Any]
    apart: Apart

    @classmethod
    def of(cls, entry: Entry) -> "Opening":
        """An entry, opened. MalformedError where its payload is no object of JSON."""
        try:
            payload = parsed(entry.leaf.payload)
        except ValueError as error:
            raise MalformedError("the payload is no JSON") from error
        if not isinstance(payload, dict):
            raise MalformedError("the payload is no object")
        return cls(entry, payload, dict(_values(entry)))

    def faults(self) -> Iterator[str]:
        """What is wrong with the values beside the leaf, a sentence each."""
        for path, opened in self.entry.personal.items():
            if not isinstance(opened, str) and (fault := self._fault(path, *opened)):
                yield f"{path} {fault}"
        leaf = self.entry.leaf
        try:
            missing = self._missing()
        except TypeError:  # something else than names and lists of keys stands there
            yield "what is personal in it can't be told"
            return
        if not self.entry.erased_at:
            yield from (f"{path} is missing, and isn't said to be erased" for path in missing)
        elif not missing and is_known(self._aggregate, leaf.kind, leaf.schema):
            yield "each of its values is there, though some are said to be erased"

    @property
    def is_erased(self) -> bool:
        """Whether values are said to be erased, and some are missing."""
        try:
            return bool(self.entry.erased_at and self._missing())
        except TypeError:
            return False

    def _missing(self) -> list[str]:
        """The paths of what is committed to and isn't there. TypeError as `personal_paths` says."""
        leaf = self.entry.leaf
        paths = personal_paths(self._aggregate, leaf.kind, leaf.schema, self.payload)
        return [path for path in paths if path not in self.entry.personal]

    @property
    def _aggregate(self) -> Aggregate[Any, Any, Any] | None:
        return AGGREGATES_BY_KIND.get(self.entry.leaf.stream_kind)

    def _fault(self, path: str, salt: str, text: str) -> str | None:
        if not _SALT.fullmatch(salt):
            return "has no salt of 16 bytes in hex"
        if path not in self.apart:
            return "has a value that is no JSON"
        digest = hashlib.sha256(bytes.fromhex(salt) + text.encode())
        if _straight(self.payload, path) != PREFIX + digest.hexdigest():
            return "is not the value that was committed to"
        return None


def _values(entry: Entry) -> Iterator[tuple[str, tuple[str, Any]]]:
    for path, opened in entry.personal.items():
        if isinstance(opened, str):
            continue  # when something was erased
        with suppress(ValueError):
            yield path, (opened[0], parsed(opened[1]))


def erasure_of(leaf: Leaf, payload: dict[str, Any]) -> Counter[str]:
    """When values were erased, and of how many events, as an event of an erasure's stream says."""
    event = payload.get("event")
    events = event.get("events") if isinstance(event, dict) and leaf.seq == 1 else None
    counts = type(events) is int and events > 0
    return Counter({moment(leaf.at): events}) if counts else Counter()


def _straight(value: object, path: str) -> object:
    """What stands at a path, as `_at` says it: most have no key with points in it."""
    here = value
    for name in path.split("."):
        if isinstance(here, dict) and name in here:
            here = here[name]
        elif isinstance(here, list) and (inside := _place(here, name)) is not None:
            here = here[inside]
        else:
            return _at(value, path)
    return here


def _at(value: object, path: str) -> object:
    """What stands at a path; None where nothing does. A key may have points in it."""
    if not path:
        return value
    if isinstance(value, list):
        number, _, rest = path.partition(".")
        inside = _place(value, number)
        return None if inside is None else _at(value[inside], rest)
    if not isinstance(value, dict):
        return None
    name, _, rest = path.partition(".")
    if name in value:
        return _at(value[name], rest)
    for key in value:
        if path == key or path.startswith(f"{key}."):
            return _at(value[key], path[len(key) + 1 :])
    return None


def _place(items: list[Any], name: str) -> int | None:
    """Which of a list's items is called so; None where there is none."""
    is_number = name.isdecimal() and len(name) <= _DIGITS_MOST
    return int(name) if is_number and int(name) < len(items) else None

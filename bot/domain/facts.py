"""A violation's facts in words: all of them flat, and the few that say most.

Rules
- A fact is called by the path to it: `dataset.name`, `checks[2].score`. A null is no fact, and a
  list of plain values is one.
- Those that say most are numbers beside their thresholds first (`psi 0.27, 35 % above 0.20`, see
  `thresholds`), then short values, then long ones; among equals as they stand in the body. What a
  reporter says in whole sentences is none of them: `sentences` gives it.
- Words are as they came, of any length and with anything in them: who shows them makes them safe.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.thresholds import Json, Object, comparisons, side_by_side

MOST = 3  # facts that say most
SHORT = 80  # characters of a value
SENTENCES = ("title", "summary", "description")  # what a reporter says in their own words


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `compared`: its value is a number and how far that is from its threshold."""

    key: str
    value: str
    compared: bool = False

    @property
    def words(self) -> str:
        """Both in a line."""
        return f"{self.key} {self.value}" if self.compared else f"{self.key}: {self.value}"


def flat(facts: Object) -> Iterator[Fact]:
    """Every fact in the order of the body, each value whole."""
    return _read(facts, compare=False)


def telling(facts: Object) -> list[Fact]:
    """The few facts that say most, at most `MOST`."""
    told = set(_sentences(facts))
    rest = {key: value for key, value in facts.items() if key not in told}
    filled = (fact for fact in _read(rest, compare=True) if fact.value.strip())
    return sorted(filled, key=_rank)[:MOST]


def sentences(facts: Object) -> list[str]:
    """What happened in the reporter's own words: title, summary, description; of any length."""
    return list(_sentences(facts).values())


def _sentences(facts: Object) -> dict[str, str]:
    said = {key: facts.get(key) for key in SENTENCES}
    return {key: text for key, text in said.items() if isinstance(text, str) and text.strip()}


def _rank(fact: Fact) -> int:
    if fact.compared:
        return 0
    return 1 if len(fact.value) <= SHORT else 2


def _read(facts: Object, *, compare: bool) -> Iterator[Fact]:
    waiting: list[tuple[str, Json]] = (
        [("", facts)] if facts else []
    )  # no recursion, however deep they are
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and value:
            compared = tuple(comparisons(value)) if compare else ()
            spent = frozenset[str]().union(*(each.keys for each in compared))
            for each in compared:
                yield Fact(_join(path, each.name) or "value", each.words, compared=True)
            inside = ((key, part) for key, part in side_by_side(value) if key not in spent)
            waiting += reversed([(_join(path, key), part) for key, part in inside])
        elif isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value):
            waiting += reversed([(f"{path}[{at}]", part) for at, part in enumerate(value)])
        elif isinstance(value, list) and value:
            parts = [_words(part) for part in value if part is not None]
            yield from [Fact(path, ", ".join(parts))] if parts else []
        elif value is not None:
            yield Fact(path, _words(value))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path and key else path or key


def _words(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)

"""What is wrong with the configuration: all of it at once, each with file, line and column.

Rules
- A problem says what was found and what is needed, and shows the line it stands in.
- A word that is nearly right is answered with the right one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_VALUE = 60
SHOWN_LINE = 160
SHOWN_NAMES = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, a line and a column, both counted from 1; 0: all of it."""

    file: str
    line: int = 0
    column: int = 0
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def shown(self) -> str:
        """The line with a caret under the column; a long one is cut around it."""
        start = max(0, self.column - SHOWN_LINE // 2)
        cut = self.source[start : start + SHOWN_LINE]
        before = cut[: self.column - 1 - start]
        # No control character reaches a terminal but the tab, for the caret to stand right.
        cut = "".join(each if each == "\t" or each.isprintable() else "?" for each in cut)
        indent = "".join("\t" if letter == "\t" else " " for letter in before)
        return f"    {cut}\n    {indent}^"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what is needed instead."""

    place: Place
    message: str

    def __str__(self) -> str:
        shown = f"{self.place}: {self.message}"
        return f"{shown}\n{self.place.shown}" if self.place.source.strip() else shown


class ConfigError(Exception):
    """The configuration can't be used; `problems` says why, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(value: object) -> str:
    """`value` as a reader of the file would recognise it, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= SHOWN_VALUE else f"{text[:SHOWN_VALUE]}…"


def nearest(found: str, known: Iterable[str]) -> str | None:
    """What was probably meant by a wrong word; None where nothing is near it."""
    lowered = {name.lower(): name for name in sorted(known)}
    near = get_close_matches(found.lower(), lowered, n=1)
    return lowered[near[0]] if near else None


def instead(found: str, known: Iterable[str]) -> str:
    """What goes after a wrong word: what was probably meant, or what there is."""
    names = sorted(known)
    if near := nearest(found, names):
        return f"did you mean {near!r}?"
    more = ", …" if len(names) > SHOWN_NAMES else ""
    return f"need one of: {', '.join(names[:SHOWN_NAMES])}{more}" if names else "none is known"

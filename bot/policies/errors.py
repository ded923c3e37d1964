"""What is wrong with the configuration: all of it at once, each with file, line and column."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, a line and a column, both counted from 1."""

    file: str
    line: int
    column: int
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what is needed instead."""

    place: Place
    message: str

    def __str__(self) -> str:
        shown = f"{self.place}: {self.message}"
        if not self.place.source:
            return shown
        return f"{shown}\n    {self.place.source}\n    {' ' * (self.place.column - 1)}^"


class ConfigError(Exception):
    """The configuration can't be used; `problems` says why, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(found: str, known: Iterable[str]) -> str:
    """A sentence with what was probably meant, or with all there is; empty where there is none."""
    names = sorted(known)
    near = get_close_matches(found, names, n=1)
    if near:
        return f" Did you mean {near[0]!r}?"
    return f" Known: {', '.join(names)}." if names else ""

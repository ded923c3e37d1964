"""What a condition reads: found in its lexemes, so not in what stands in a text or a comment.

Rules
- A path is told where each step is a name or a plain text: `facts.pii`, `facts["pii"]`. Of `facts`
  as a whole (`facts[x]`, `facts.exists(…)`) nobody can tell which facts are read.
- A step is bare where its absence makes the condition not known: without `?`, and not the last one
  within `has(…)`.
- Whose every key is known (`subject`, `origin`, `initiator`) is read by these keys only; of an
  origin by what names a thing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.violation import Initiator, Origin, Subject
from bot.policies.cel_lexemes import Kind, Lexeme, two_from

FACTS = "facts"
# Words of whoever made the change, and what stands in it: people read these, and no condition.
TOLD = frozenset({"author", "commit_message", "changed_files", "code"})
KEYS = {
    "subject": frozenset(Subject.model_fields),
    "origin": frozenset(Origin.model_fields) - TOLD,
    "initiator": frozenset(Initiator.model_fields),
}
VARIABLES = frozenset({"policy", "severity", "team", FACTS, "now", "source", *KEYS})
MACROS = frozenset({"all", "exists", "exists_one", "map", "filter", "optMap", "optFlatMap"})


@dataclass(frozen=True, slots=True)
class Access:
    """One place where a variable is read: the path as far as it is told, and of it what is bare.

    `at` are the offsets of the path's steps; `tested` is whether `has(…)` asks for it.
    """

    path: tuple[str, ...]
    at: tuple[int, ...]
    bare: tuple[str, ...]
    tested: bool = False

    @property
    def root(self) -> str:
        """The variable."""
        return self.path[0]

    @property
    def is_whole(self) -> bool:
        """Whether the variable is read as a whole, or by what is not told."""
        return len(self.path) == 1


def accesses(lexemes: Sequence[Lexeme]) -> list[Access]:
    """Each place where a variable is read, in the order of the text."""
    return [
        _access(lexemes, number)
        for number, lexeme in enumerate(lexemes)
        if lexeme.kind is Kind.NAME and lexeme.text in VARIABLES and not is_field(lexemes, number)
    ]


def unguarded(read: Sequence[Access]) -> list[Access]:
    """Those that are not known where a fact is missing, and nothing asks before whether it is."""
    tested = {access.path for access in read if access.tested}
    return [
        access
        for access in read
        if access.root == FACTS and len(access.bare) > 1 and access.bare not in tested
    ]


def shadowed(lexemes: Sequence[Lexeme]) -> Iterator[Lexeme]:
    """Names that a macro gives to elements, though they are the names of variables."""
    for macro, bracket, name, comma in zip(
        lexemes, lexemes[1:], lexemes[2:], lexemes[3:], strict=False
    ):
        if macro.text in MACROS and bracket.text == "(" and comma.text == ",":
            yield from [name] if name.text in VARIABLES else []


def is_field(lexemes: Sequence[Lexeme], number: int) -> bool:
    """Whether a name is a field or a method of what stands before it, and no name of its own."""
    dot = number - 1
    if dot > 0 and lexemes[dot].text == "?":
        dot -= 1
    return dot > 0 and lexemes[dot].text == "." and lexemes[dot - 1].ends_value


class _Step(NamedTuple):
    """One step of a path, and the number of the lexeme that follows it."""

    name: str
    at: int
    optional: bool
    following: int


def _access(lexemes: Sequence[Lexeme], number: int) -> Access:
    root = lexemes[number]
    steps = [_Step(root.text, root.at, optional=False, following=number + 1)]
    while step := _step(lexemes, steps[-1].following):
        steps.append(step)
    path = tuple(step.name for step in steps)
    first = next((depth for depth, step in enumerate(steps) if step.optional), len(steps))
    asked = (
        number > 1
        and lexemes[number - 1].text == "("
        and lexemes[number - 2].text == "has"
        and lexemes[steps[-1].following].text == ")"
    )
    return Access(
        path,
        tuple(step.at for step in steps),
        path[: min(first, len(path) - 1) if asked else first],
        tested=asked,
    )


def _step(lexemes: Sequence[Lexeme], number: int) -> _Step | None:
    """The step of a path that begins with this lexeme; None where the path ends, or isn't told."""
    sign = lexemes[number].text
    if sign not in {".", "["}:
        return None
    optional = lexemes[number + 1].text == "?"
    name, following = two_from(lexemes, number + 1 + optional)
    if sign == "." and name.kind is Kind.NAME and following.text != "(":
        return _Step(name.name, name.at, optional, number + 2 + optional)
    if sign == "[" and name.literal is not None and following.text == "]":
        return _Step(name.literal, name.at, optional, number + 3 + optional)
    return None

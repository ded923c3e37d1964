"""What CEL takes in a condition, and nobody can have meant.

Rules
- A key that subject, origin or initiator never has is a slip of the pen: what is absent is not
  known, and so the condition would never be.
- A severity is one of a few words, and words have no order but the alphabet's.
- An element isn't called by the name of a variable.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

from bot.domain.violation import Severity
from bot.policies.cel_lexemes import Fault, Kind, Lexeme, two_from
from bot.policies.cel_reads import KEYS, VARIABLES, Access, is_field, shadowed
from bot.yaml.problems import instead

_ORDER = {"<", "<=", ">", ">="}
_SEVERITIES = tuple(severity.value for severity in Severity)


def refused(
    lexemes: Sequence[Lexeme], read: Iterable[Access], reserved: Collection[str]
) -> Fault | None:
    """The first of them; `reserved` are names that a condition can't have."""
    faults = [*_names(lexemes, reserved), *_keys(read), *_severities(lexemes)]
    return min(faults, default=None)


def _names(lexemes: Sequence[Lexeme], reserved: Collection[str]) -> Iterator[Fault]:
    for lexeme in shadowed(lexemes):
        message = f"found {lexeme.text} for an element, need a name that is no variable's"
        yield Fault(lexeme.at, message)
    for number, lexeme in enumerate(lexemes):
        if lexeme.text in reserved and not is_field(lexemes, number):
            yield Fault(lexeme.at, f"found {lexeme.text}, {instead(lexeme.text, VARIABLES)}")


def _keys(read: Iterable[Access]) -> Iterator[Fault]:
    for access in read:
        keys = KEYS.get(access.root)
        if keys and not access.is_whole and access.path[1] not in keys:
            near = get_close_matches(access.path[1].lower(), keys, n=1)
            meant = f"did you mean {access.root}.{near[0]}?" if near else ""
            message = f"found {access.root}.{access.path[1]}, "
            yield Fault(access.at[1], message + (meant or instead("", keys)))


def _severities(lexemes: Sequence[Lexeme]) -> Iterator[Fault]:
    for number, lexeme in enumerate(lexemes):
        if lexeme.text != "severity" or is_field(lexemes, number):
            continue
        before, after = lexemes[number - 1] if number else lexemes[-1], lexemes[number + 1]
        for sign in (before, after):
            if sign.text in _ORDER:
                needed = 'need a list such as severity in ["high", "critical"]'
                yield Fault(sign.at, f"found {sign.text} beside severity, {needed}")
    for text in compared(lexemes, "severity"):
        if text.literal is not None and text.literal not in _SEVERITIES:
            found = f"found {text.literal!r} for a severity"
            yield Fault(text.at, f"{found}, {instead(text.literal, _SEVERITIES)}")


def compared(lexemes: Sequence[Lexeme], variable: str) -> Iterator[Lexeme]:
    """What a variable is compared with, on either side or in a list."""
    for number, lexeme in enumerate(lexemes):
        if lexeme.text == variable and not is_field(lexemes, number):
            yield from _beside(lexemes, number)


def _beside(lexemes: Sequence[Lexeme], number: int) -> Iterator[Lexeme]:
    if number > 1 and lexemes[number - 1].text in {"==", "!="}:
        yield lexemes[number - 2]
    sign, following = two_from(lexemes, number + 1)
    if sign.text in {"==", "!="}:
        yield following
    elif sign.text == "in" and following.text == "[":
        for lexeme in lexemes[number + 3 :]:
            if lexeme.kind is not Kind.TEXT and lexeme.text != ",":
                break
            yield lexeme

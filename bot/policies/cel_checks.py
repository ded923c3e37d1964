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
from bot.policies.cel_reads import KEYS, VARIABLES, Access, is_field, shadowed
from bot.policies.cel_tokens import Fault, Kind, Token, two_from
from bot.yaml.problems import instead

_ORDER = {"<", "<=", ">", ">="}
_SEVERITIES = tuple(severity.value for severity in Severity)


def refused(
    tokens: Sequence[Token], read: Iterable[Access], reserved: Collection[str]
) -> Fault | None:
    """The first of them; `reserved` are names that a condition can't have."""
    faults = [*_names(tokens, reserved), *_keys(read), *_severities(tokens)]
    return min(faults, default=None)


def _names(tokens: Sequence[Token], reserved: Collection[str]) -> Iterator[Fault]:
    for token in shadowed(tokens):
        message = f"found {token.text} for an element, need a name that is no variable's"
        yield Fault(token.at, message)
    for number, token in enumerate(tokens):
        if token.text in reserved and not is_field(tokens, number):
            yield Fault(token.at, f"found {token.text}, {instead(token.text, VARIABLES)}")


def _keys(read: Iterable[Access]) -> Iterator[Fault]:
    for access in read:
        keys = KEYS.get(access.root)
        if keys and not access.is_whole and access.path[1] not in keys:
            near = get_close_matches(access.path[1].lower(), keys, n=1)
            meant = f"did you mean {access.root}.{near[0]}?" if near else ""
            message = f"found {access.root}.{access.path[1]}, "
            yield Fault(access.at[1], message + (meant or instead("", keys)))


def _severities(tokens: Sequence[Token]) -> Iterator[Fault]:
    for number, token in enumerate(tokens):
        if token.text != "severity" or is_field(tokens, number):
            continue
        before, after = tokens[number - 1] if number else tokens[-1], tokens[number + 1]
        for sign in (before, after):
            if sign.text in _ORDER:
                needed = 'need a list such as severity in ["high", "critical"]'
                yield Fault(sign.at, f"found {sign.text} beside severity, {needed}")
        for text in _compared(tokens, number):
            if text.literal is not None and text.literal not in _SEVERITIES:
                found = f"found {text.literal!r} for a severity"
                yield Fault(text.at, f"{found}, {instead(text.literal, _SEVERITIES)}")


def _compared(tokens: Sequence[Token], number: int) -> Iterator[Token]:
    """The texts that a name is compared with, on either side or in a list."""
    if number > 1 and tokens[number - 1].text in {"==", "!="}:
        yield tokens[number - 2]
    sign, following = two_from(tokens, number + 1)
    if sign.text in {"==", "!="}:
        yield following
    elif sign.text == "in" and following.text == "[":
        for token in tokens[number + 3 :]:
            if token.kind is not Kind.TEXT and token.text != ",":
                break
            yield token

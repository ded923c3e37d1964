"""Conditions: what a policy asks of a violation, and the three answers that there are.

Rules
- A condition answers yes, no, or not known: a value that is missing or of another type, or a
  question that took too long.
- What is not known blocks: it counts as yes for whatever blocks, and as no for whatever allows.
- Why it isn't known is said by the path to a value and by types, never by the value itself.
"""

from collections.abc import Callable
from typing import NamedTuple

from bot.domain.value import StoredValue, StoredWord


class FactType(StoredWord):
    """What a policy declares a fact to be."""

    STRING = "string"
    DOUBLE = "double"
    INT = "int"
    BOOL = "bool"
    LIST = "list"
    MAP = "map"


class Truth(StoredWord):
    """What a condition answers."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Condition(StoredValue):
    """A condition as it stands in a policy's file; its place in it is no part of the policy."""

    text: str
    line: int = 0
    column: int = 0


class Known(NamedTuple):
    """What a condition answered; `why` it is not known, where it isn't."""

    value: Truth
    why: str | None = None


Ask = Callable[[Condition], Known]


class Asked(StoredValue):
    """A condition that was asked, for the record: where it stands, and what it answered.

    `why` says why that is not known, or why a yes has cleared nothing.
    """

    place: str
    text: str
    value: Truth
    why: str | None = None

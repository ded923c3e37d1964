"""A refusal: a command that changes nothing, and the reason for it in words for a person."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """What a caller would handle differently."""

    DECIDED = "decided"
    LAPSED = "lapsed"
    OWN_VIOLATION = "own_violation"
    NOT_ALLOWED = "not_allowed"
    UNIDENTIFIED = "unidentified"
    INVALID = "invalid"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was refused; `field` names the input that was wrong."""

    why: Why
    message: str
    field: str | None = None

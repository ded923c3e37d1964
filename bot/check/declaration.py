"""What training code says that it is for: a `guardrails` block, as values."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.check.uses import Span

FROM_ARGUMENTS = "from arguments"


class Pii(StrEnum):
    """Whether the data holds something about people."""

    NONE = "none"
    PSEUDONYMOUS = "pseudonymous"
    PRESENT = "present"


class Reach(StrEnum):
    """How far a result goes, the nearest first."""

    NONE = "none"
    INTERNAL = "internal"
    CUSTOMER = "customer"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared for one file, its own block and those above it merged.

    A key that is declared nowhere is None. `places` says for each key where it stands: the file,
    relative to the folder that is checked, and the span of its value.
    """

    dataset: tuple[str, ...] | None = None  # names, a classification, or FROM_ARGUMENTS
    base_model: tuple[str, ...] | None = None
    use_case: str | None = None
    pii: Pii | None = None
    owner: str | None = None
    team: str | None = None
    export: Reach | None = None
    risk_class: str | None = None
    expires: date | None = None
    covenant: str | None = None
    reviewed: bool = True
    places: dict[str, tuple[str, Span]] = field(default_factory=dict)

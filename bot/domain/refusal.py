"""A refusal: a command that changes nothing, and the reason for it in words for a person.

Rules
- It names people as persons; each view shows them in its own way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.person import Person


class Why(StrEnum):
    """What a caller would handle differently."""

    DECIDED = "decided"
    LAPSED = "lapsed"
    OWN_VIOLATION = "own_violation"
    NOT_ALLOWED = "not_allowed"
    UNIDENTIFIED = "unidentified"
    INVALID = "invalid"
    GROWN = "grown"
    NOTHING_TO_DO = "nothing_to_do"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was refused; `field` names the input that was wrong.

    Where there are `people`, `words` has each of their keys in braces.
    """

    why: Why
    words: str
    field: str | None = None
    people: Mapping[str, tuple[Person, ...]] | None = None

    @property
    def message(self) -> str:
        """The reason, with people by name."""
        return self.told(lambda person: person.name)

    def told(self, shown: Callable[[Person], str]) -> str:
        """The reason, with people as `shown`."""
        if not self.people:
            return self.words
        return self.words.format_map(
            {key: ", ".join(map(shown, people)) for key, people in self.people.items()}
        )

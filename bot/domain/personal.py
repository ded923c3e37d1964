"""Which parts of an event are personal: a mark in the type of each field that is.

Rules
- Personal are persons, accounts, addresses and free text. Times, policies, outcomes, teams,
  severities and classifications are not, nor what names a thing: a model, a commit, a run.
- A field that holds a person's name is marked `PersonName`: in an event's bytes people are `p1`,
  `p2`, … by first sight in their stream.
- Any other personal field is marked `Personal`, whole: in the event's bytes stands a commitment to
  its value, and the value beside them. `erased` is what is read once the value is gone.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import JsonValue

ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Named:
    """The mark of a field that holds the name of a person."""


@dataclass(frozen=True)
class Personal:
    """The mark of a field whose value stands apart from the event's bytes."""

    erased: JsonValue = ERASED


PersonName = Annotated[str, Named()]
FreeText = Annotated[str, Personal()]

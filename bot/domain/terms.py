"""The terms under which people decide on a violation, and what an answer rests on.

Rules
- The policy gives the terms, and the band that a violation falls into gives them more closely.
- A violation that joins a room under graver terms makes them the room's: whoever could decide on
  less can't decide on more.
"""

import operator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.domain.conditions import Asked
from bot.domain.personal import Personal
from bot.domain.policy import DECIDERS, Role
from bot.domain.value import StoredValue
from bot.domain.violation import Severity, graver


class Cited(StoredValue):
    """A rule or a band as an answer cites it: its place, and the digest of its policy."""

    id: str
    file: str
    line: int
    digest: str


class Basis(StoredValue):
    """What an answer rests on: where its policy stands, what was asked, and the load in force.

    `band` is the one that the violation fell into, `besides` are the other policies that it breaks.
    The conditions have the answers of all that were asked, those of other policies too that could
    not be known. `doubts` say what would have allowed it, had it been known who made the change.
    """

    file: str
    line: int
    configuration: int | None = None
    conditions: tuple[Asked, ...] = ()
    band: str | None = None
    band_line: int = 0
    besides: tuple[str, ...] = ()
    doubts: Annotated[tuple[str, ...], Personal(erased=[])] = Field(
        default=(), exclude_if=operator.not_
    )


class Terms(StoredValue):
    """How people decide: how much is at stake, within which time, and in which roles."""

    severity: Severity
    window: timedelta
    decide: tuple[Role, ...] = DECIDERS
    basis: Basis | None = None

    def with_joined(self, joined: "Terms") -> "Terms":
        """The terms of both together: of each the graver severity, role and time.

        These, where the others ask for no more: a shorter time alone changes nothing.
        """
        severity = graver(self.severity, joined.severity)
        decide = max(self.decide, joined.decide, key=_weight)
        if (severity, _weight(decide)) == (self.severity, _weight(self.decide)):
            return self
        return Terms(
            severity=severity,
            window=min(self.window, joined.window),
            decide=decide,
            basis=joined.basis,
        )


def _weight(decide: tuple[Role, ...]) -> int:
    """0 for the validator alone, 1 for both, 2 for the adjudicator alone."""
    return (Role.ADJUDICATOR in decide) + (Role.VALIDATOR not in decide)

"""Cases taken together: what all figures of a set of cases are computed from.

Rules:
- Every column of times ascends: cases are put in order once, kind by kind. A larger set is put
  together from smaller ones, and ordered runs are merged quickly.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from bot.measures.case import EXPIRED, Cases, Responses
from bot.measures.survival import Curve, ascending, curve_of

NONE = "(none)"
NO_CLASSES: Mapping[str, str] = MappingProxyType({})  # no policy is known to have a risk class
SECONDS = "seconds"
CAUSES = ("human", EXPIRED, "other")


@dataclass(frozen=True)
class Part:
    """A set of cases: the resolved by outcome and by cause, those still open, and the responses.

    `unit` is that of every time in it; `humans` is how many were decided by a person.
    """

    unit: str
    outcomes: Mapping[str, int]
    humans: int
    times_by_cause: Mapping[str, list[float]]
    open: list[float]
    acknowledged: Responses
    first_response: Responses

    @property
    def resolved(self) -> int:
        """How many are resolved."""
        return sum(self.outcomes.values())

    @property
    def outcomes_known(self) -> bool:
        """Whether every resolution has its outcome on record."""
        return NONE not in self.outcomes

    @cached_property
    def curve(self) -> Curve:
        """The survival curve until a case is resolved, in whatever way."""
        return curve_of(merged(self.times_by_cause.values()), self.open)


def part_of(cases: Cases, unit: str = SECONDS) -> Part:
    """Return the cases of one kind in order; their times are in `unit`."""
    kind, times = cases.kind, ascending(cases.times)
    resolved = times if kind.resolved else []
    decided_by = "human" if kind.human else "other"
    settled_by = EXPIRED if kind.outcome == EXPIRED else decided_by
    return Part(
        unit=unit,
        outcomes={kind.outcome or NONE: len(resolved)} if resolved else {},
        humans=len(resolved) if kind.human else 0,
        times_by_cause={cause: resolved if cause == settled_by else [] for cause in CAUSES},
        open=[] if kind.resolved else times,
        acknowledged=Responses(*map(ascending, cases.acknowledged)),
        first_response=Responses(*map(ascending, cases.first_response)),
    )


def pooled(parts: Sequence[Part], unit: str = SECONDS) -> Part:
    """Return several sets of cases as one; the times of all are in `unit`."""
    if len(parts) == 1:
        return parts[0]
    outcomes: Counter[str] = Counter()
    for part in parts:
        outcomes.update(part.outcomes)
    return Part(
        unit=unit,
        outcomes=outcomes,
        humans=sum(part.humans for part in parts),
        times_by_cause={
            cause: merged(part.times_by_cause[cause] for part in parts) for cause in CAUSES
        },
        open=merged(part.open for part in parts),
        acknowledged=_both([part.acknowledged for part in parts]),
        first_response=_both([part.first_response for part in parts]),
    )


def merged(runs: Iterable[list[float]]) -> list[float]:
    """Return ordered runs as one; to sort them is to merge them."""
    found = [run for run in runs if run]
    return found[0] if len(found) == 1 else sorted(chain.from_iterable(found))


def _both(responses: Sequence[Responses]) -> Responses:
    return Responses(
        merged(part.happened for part in responses), merged(part.censored for part in responses)
    )

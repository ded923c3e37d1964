"""Cases taken together: what all figures of a set of cases are computed from.

Rules:
- Every column of times ascends: cases are put in order once, kind by kind. A larger set is put
  together from smaller ones, and ordered runs are merged quickly.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.measures.case import EXPIRED, CaseKind, Cases, Waits
from bot.measures.survival import ascending

NONE = "(none)"
CAUSES = ("human", EXPIRED, "other")


@dataclass(frozen=True, slots=True)
class Part:
    """A set of cases: the resolved by outcome and by cause, those still open, and the responses."""

    outcomes: Mapping[str, int]
    humans: int
    resolved: Mapping[str, list[float]]
    open: list[float]
    acknowledged: Waits
    first_response: Waits


def part_of(cases: Cases) -> Part:
    """Return the cases of one kind in order."""
    kind, times = cases.kind, ascending(cases.times)
    resolved = times if kind.resolved else []
    return Part(
        outcomes={kind.outcome or NONE: len(resolved)} if resolved else {},
        humans=len(resolved) if kind.human else 0,
        resolved={cause: resolved if cause == _cause(kind) else [] for cause in CAUSES},
        open=[] if kind.resolved else times,
        acknowledged=Waits(*map(ascending, cases.acknowledged)),
        first_response=Waits(*map(ascending, cases.first_response)),
    )


def together(parts: Sequence[Part]) -> Part:
    """Return several sets of cases as one."""
    if len(parts) == 1:
        return parts[0]
    outcomes: Counter[str] = Counter()
    for part in parts:
        outcomes.update(part.outcomes)
    return Part(
        outcomes=outcomes,
        humans=sum(part.humans for part in parts),
        resolved={cause: merged(part.resolved[cause] for part in parts) for cause in CAUSES},
        open=merged(part.open for part in parts),
        acknowledged=_both([part.acknowledged for part in parts]),
        first_response=_both([part.first_response for part in parts]),
    )


def merged(runs: Iterable[list[float]]) -> list[float]:
    """Return ordered runs as one; to sort them is to merge them."""
    found = [run for run in runs if run]
    return found[0] if len(found) == 1 else sorted(chain.from_iterable(found))


def _both(waits: Sequence[Waits]) -> Waits:
    return Waits(merged(each.happened for each in waits), merged(each.censored for each in waits))


def _cause(kind: CaseKind) -> str:
    if kind.outcome == EXPIRED:
        return EXPIRED
    return "human" if kind.human else "other"

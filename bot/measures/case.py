"""Violations as the measures see them: of what kind each is, and how long it waited for what.

Rules:
- Every duration starts when the violation was detected.
- What happened after the end of a case is none: nothing waited for it.
- Clocks differ between systems: a negative duration is counted as 0.
- Cases of one kind are kept together, their durations in columns: there may be a hundred thousand.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

EXPIRED = "expired"
MICROSECONDS = 1_000_000


class CaseKind(NamedTuple):
    """What cases have in common. An open one has no outcome.

    `human` is whether a person decided: false for an expiry and for what was settled
    automatically, and while the case is open.
    """

    policy: str
    team: str | None
    severity: str
    resolved: bool
    outcome: str | None
    human: bool


class Observed(NamedTuple):
    """A case as survival figures: durations since detection, all in one unit.

    `time` is until the resolution, or so far if it is still open. `acknowledged` and
    `first_response` are None if there was none, and are then censored at `time`.
    """

    time: float
    resolved: bool
    acknowledged: float | None
    first_response: float | None
    outcome: str | None
    human: bool
    policy: str
    team: str | None
    severity: str


class Responses(NamedTuple):
    """How long until it happened, and for how long it had not where it has not."""

    happened: list[float]
    censored: list[float]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of one kind: how long each took, or so far, and how long they waited for somebody."""

    kind: CaseKind
    times: list[float]
    acknowledged: Responses
    first_response: Responses


def in_seconds(
    kind: CaseKind,
    ends: Sequence[int],
    acknowledged: Sequence[int | None],
    first_responses: Sequence[int | None],
) -> Cases:
    """Return cases of which microseconds are known: to the end, or so far, and to the responses.

    Each is from detection on, and None where there was no response.
    """
    times = [end / MICROSECONDS if end > 0 else 0.0 for end in ends]
    return Cases(
        kind,
        times,
        _by_the_end(acknowledged, ends, times),
        _by_the_end(first_responses, ends, times),
    )


def by_kind(rows: Iterable[Observed], *, responses: bool = True) -> list[Cases]:
    """Return cases that were observed one by one, those of a kind together.

    `responses=False`: acknowledgements and first responses were not recorded, so that their
    absence says nothing: nobody is known to have waited for them.
    """
    parts: defaultdict[CaseKind, list[Observed]] = defaultdict(list)
    for row in rows:
        kind = CaseKind(row.policy, row.team, row.severity, row.resolved, row.outcome, row.human)
        parts[kind].append(row)
    return [
        Cases(
            kind,
            [row.time for row in part],
            _waits((row.acknowledged, row.time) for row in part if responses),
            _waits((row.first_response, row.time) for row in part if responses),
        )
        for kind, part in parts.items()
    ]


def _by_the_end(
    moments: Sequence[int | None], ends: Sequence[int], times: Sequence[float]
) -> Responses:
    happened = [
        moment / MICROSECONDS if moment > 0 else 0.0
        for moment, end in zip(moments, ends, strict=True)
        if moment is not None and moment <= end
    ]
    if len(happened) == len(times):
        return Responses(happened, [])
    every = zip(moments, ends, times, strict=True)
    return Responses(happened, [time for at, end, time in every if at is None or at > end])


def _waits(responses: Iterable[tuple[float | None, float]]) -> Responses:
    every = list(responses)
    happened = [response for response, _ in every if response is not None]
    return Responses(happened, [time for response, time in every if response is None])

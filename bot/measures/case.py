"""One violation as the measures see it, and the durations that follow from it.

Rules:
- Every duration starts when the violation was detected.
- What happened after `now` has not happened yet.
- Clocks differ between systems: a negative duration is counted as 0.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Case:
    """A violation's times and its resolution; all times aware.

    `human` is whether a person decided: false for an expiry and for what was settled
    automatically, and without meaning while the case is open.
    """

    detected_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    first_response_at: datetime | None
    outcome: str | None
    human: bool
    policy: str
    team: str | None
    severity: str


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


def observe(case: Case, now: datetime) -> Observed:
    """Return the durations of a case as of `now`, in seconds.

    An acknowledgement or a response after the resolution is none: nothing waited for it.
    """
    resolved = case.resolved_at is not None and case.resolved_at <= now
    end = case.resolved_at if case.resolved_at is not None and resolved else now
    return Observed(
        time=_seconds(case.detected_at, end),
        resolved=resolved,
        acknowledged=_seconds_by(case.detected_at, case.acknowledged_at, end),
        first_response=_seconds_by(case.detected_at, case.first_response_at, end),
        outcome=case.outcome if resolved else None,
        human=case.human and resolved,
        policy=case.policy,
        team=case.team,
        severity=case.severity,
    )


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def _seconds_by(start: datetime, moment: datetime | None, end: datetime) -> float | None:
    return None if moment is None or moment > end else _seconds(start, moment)

"""The figures of a set of cases: half-life and the measures beside it, whole and by group.

Rules:
- Null is "not reached" or "not known": never 0, never the longest time.
- Open cases are censored, never left out.
- An expiry settles a case but is no human decision: the two are reported as competing outcomes.
- Shares are between 0 and 1.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.measures.case import EXPIRED, Case, Observed, observe
from bot.measures.survival import Curve, Median, cumulative_incidence, kaplan_meier

SECONDS = "seconds"
NONE = "(none)"
HORIZONS = {"1h": 3600.0, "4h": 14400.0, "1d": 86400.0, "7d": 604800.0}


@dataclass(frozen=True, slots=True)
class Timing(Median):
    """A median with `n`, the number of cases in which it happened.

    With `value` and `at_least` both None it isn't known: there are no cases, or no record of it.
    """

    n: int


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shares(_Shape):
    """Probability that a case is by then decided by a person, expired, or settled otherwise."""

    human: float
    expired: float
    other: float


class Incidence(Shares):
    """Aalen-Johansen cumulative incidence `at` the longest time seen, and at each horizon.

    A horizon is None if no case was watched for so long; there are none unless times are in
    seconds.
    """

    at: float
    horizons: dict[str, Shares | None]


class Group(_Shape):
    """The figures of one set of cases; times in the unit of the whole.

    `half_life` is the least time by which half of the cases are settled, in whatever way.
    `time_to_acknowledge` and `time_to_first_response` are Kaplan-Meier medians too: a case that
    is open without one is censored now, and a case resolved without one is censored at its
    resolution, since nobody waited for it after that.
    `share_by_outcome` is of the resolved. The human and expired shares and the incidence are
    None as long as nothing is resolved (the incidence: as long as there is no case), or if some
    resolution has no outcome on record.
    """

    n: int
    resolved: int
    open: int
    half_life: Median
    time_to_acknowledge: Timing
    time_to_first_response: Timing
    share_by_outcome: dict[str, float]
    human_share: float | None
    expired_share: float | None
    incidence: Incidence | None


class OutcomeGroup(Group):
    """The cases resolved with one outcome, and their `share` of all resolved.

    The half-life is within the group: how long those took that ended so.
    """

    share: float


class Figures(Group):
    """The figures of all cases and of each group; `unit` is that of every time in it.

    Dumps to JSON with `model_dump(mode="json")`. A missing team or outcome is "(none)".
    """

    unit: str
    by_policy: dict[str, Group]
    by_team: dict[str, Group]
    by_severity: dict[str, Group]
    by_outcome: dict[str, OutcomeGroup]


def figures(cases: Iterable[Case], now: datetime) -> Figures:
    """Return the figures of `cases` as of `now`, in seconds."""
    return measure([observe(case, now) for case in cases])


def measure(rows: Sequence[Observed], unit: str = SECONDS, *, responses: bool = True) -> Figures:
    """Return the figures of cases whose durations are in `unit`.

    `responses=False`: acknowledgements and first responses were not recorded, so their absence
    says nothing and their medians are not known.
    """
    horizons = HORIZONS if unit == SECONDS else {}

    def group(part: Sequence[Observed]) -> Group:
        return _group(part, horizons, responses=responses)

    def by(key: Callable[[Observed], str]) -> dict[str, Group]:
        return {name: group(part) for name, part in _split(rows, key).items()}

    whole = group(rows)
    outcomes = _split([row for row in rows if row.resolved], lambda row: row.outcome or NONE)
    return Figures(
        **_fields(whole),
        unit=unit,
        by_policy=by(lambda row: row.policy),
        by_team=by(lambda row: row.team or NONE),
        by_severity=by(lambda row: row.severity),
        by_outcome={
            name: OutcomeGroup(**_fields(group(part)), share=len(part) / whole.resolved)
            for name, part in outcomes.items()
        },
    )


def _group(rows: Sequence[Observed], horizons: dict[str, float], *, responses: bool) -> Group:
    resolved = [row for row in rows if row.resolved]
    curve = kaplan_meier(
        [row.time for row in resolved], [row.time for row in rows if not row.resolved]
    )
    outcomes = Counter(row.outcome or NONE for row in resolved)
    known = NONE not in outcomes
    share = {name: count / len(resolved) for name, count in sorted(outcomes.items())}
    human = sum(row.human for row in resolved)
    watched = rows if responses else []
    return Group(
        n=len(rows),
        resolved=len(resolved),
        open=len(rows) - len(resolved),
        half_life=curve.median(),
        time_to_acknowledge=_timing([(row.acknowledged, row.time) for row in watched]),
        time_to_first_response=_timing([(row.first_response, row.time) for row in watched]),
        share_by_outcome=share,
        human_share=human / len(resolved) if resolved and known else None,
        expired_share=share.get(EXPIRED, 0.0) if resolved and known else None,
        incidence=_incidence(curve, resolved, horizons) if known else None,
    )


def _timing(waits: list[tuple[float | None, float]]) -> Timing:
    happened = [time for time, _ in waits if time is not None]
    median = kaplan_meier(happened, [end for time, end in waits if time is None]).median()
    return Timing(median.value, median.low, median.high, median.at_least, len(happened))


def _incidence(
    curve: Curve, resolved: list[Observed], horizons: dict[str, float]
) -> Incidence | None:
    if curve.last is None:
        return None
    times: defaultdict[str, list[float]] = defaultdict(list)
    for row in resolved:
        times[_cause(row)].append(row.time)
    curves = {
        cause: cumulative_incidence(curve, times[cause]) for cause in ("human", EXPIRED, "other")
    }

    def shares(time: float) -> dict[str, float] | None:
        index = curve.index_at(time)
        if index is None:
            return None
        return {cause: steps[index] if index >= 0 else 0.0 for cause, steps in curves.items()}

    by_horizon = {name: shares(time) for name, time in horizons.items()}
    return Incidence.model_validate(
        {**(shares(curve.last) or {}), "at": curve.last, "horizons": by_horizon}
    )


def _cause(row: Observed) -> str:
    if row.outcome == EXPIRED:
        return EXPIRED
    return "human" if row.human else "other"


def _split(rows: Iterable[Observed], key: Callable[[Observed], str]) -> dict[str, list[Observed]]:
    parts: defaultdict[str, list[Observed]] = defaultdict(list)
    for row in rows:
        parts[key(row)].append(row)
    return dict(sorted(parts.items()))


def _fields(group: Group) -> dict[str, Any]:
    return dict(group)

"""The figures of a set of cases: half-life and the measures beside it, whole and by group.

Rules:
- Null is "not reached" or "not known": never 0, never the longest time.
- Open cases are censored, never left out.
- An expiry settles a case but is no human decision: the two are reported as competing outcomes.
- Shares are between 0 and 1.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from bot.measures.case import EXPIRED, CaseKind, Cases, Observed, Waits, by_kind
from bot.measures.part import CAUSES, NONE, Part, merged, part_of, together
from bot.measures.survival import Curve, Median, cumulative_incidence, curve_of

SECONDS = "seconds"
Key = TypeVar("Key", str, CaseKind)
UNKNOWN = Waits([], [])
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


def figures(cases: Iterable[Cases], unit: str = SECONDS, *, responses: bool = True) -> Figures:
    """Return the figures of cases whose durations are in `unit`.

    `responses=False`: acknowledgements and first responses were not recorded, so their absence
    says nothing and their medians are not known.
    """
    parts = [(each.kind, part_of(each)) for each in cases]
    horizons = HORIZONS if unit == SECONDS else {}

    def group(part: Part) -> Group:
        return _group(part, horizons, responses=responses)

    policies = _split(parts, lambda kind: kind.policy)
    teams = _split(parts, lambda kind: kind.team or NONE)
    # Policies and teams are many; what is left without them is put together from few parts.
    few = list(_split(parts, lambda kind: kind._replace(policy="", team=None)).items())
    severities = _split(few, lambda kind: kind.severity)
    resolved = [(kind, part) for kind, part in few if kind.resolved]
    outcomes = _split(resolved, lambda kind: kind.outcome or NONE)
    whole = group(together(list(severities.values())))
    return Figures(
        **_fields(whole),
        unit=unit,
        by_policy={name: group(part) for name, part in policies.items()},
        by_team={name: group(part) for name, part in teams.items()},
        by_severity={name: group(part) for name, part in severities.items()},
        by_outcome={
            name: OutcomeGroup(**_fields(group(part)), share=part.outcomes[name] / whole.resolved)
            for name, part in outcomes.items()
        },
    )


def measure(rows: Iterable[Observed], unit: str = SECONDS, *, responses: bool = True) -> Figures:
    """Return the figures of cases that were observed one by one."""
    return figures(by_kind(rows), unit, responses=responses)


def _group(part: Part, horizons: dict[str, float], *, responses: bool) -> Group:
    resolved = sum(part.outcomes.values())
    waits = curve_of(merged(part.resolved.values()), part.open)
    known = NONE not in part.outcomes
    share = {name: count / resolved for name, count in sorted(part.outcomes.items())}
    return Group(
        n=waits.n,
        resolved=resolved,
        open=len(part.open),
        half_life=waits.median(),
        time_to_acknowledge=_timing(part.acknowledged if responses else UNKNOWN),
        time_to_first_response=_timing(part.first_response if responses else UNKNOWN),
        share_by_outcome=share,
        human_share=part.humans / resolved if resolved and known else None,
        expired_share=share.get(EXPIRED, 0.0) if resolved and known else None,
        incidence=_incidence(waits, part.resolved, horizons) if known else None,
    )


def _timing(waits: Waits) -> Timing:
    median = curve_of(waits.happened, waits.censored).median()
    return Timing(median.value, median.low, median.high, median.at_least, len(waits.happened))


def _incidence(
    waits: Curve, resolved: Mapping[str, list[float]], horizons: dict[str, float]
) -> Incidence | None:
    if waits.last is None:
        return None
    times = (waits.last, *horizons.values())
    by_cause = [cumulative_incidence(waits, resolved[cause], times) for cause in CAUSES]
    at_the_end, *at = [
        dict(zip(CAUSES, shares, strict=True)) for shares in zip(*by_cause, strict=True)
    ]
    by_horizon = {
        name: shares if waits.is_known_at(time) else None
        for (name, time), shares in zip(horizons.items(), at, strict=True)
    }
    return Incidence.model_validate({**at_the_end, "at": waits.last, "horizons": by_horizon})


def _split(
    parts: Iterable[tuple[CaseKind, Part]], key: Callable[[CaseKind], Key]
) -> dict[Key, Part]:
    split: defaultdict[Key, list[Part]] = defaultdict(list)
    for kind, part in parts:
        split[key(kind)].append(part)
    return {name: together(split[name]) for name in sorted(split, key=str)}


def _fields(group: Group) -> dict[str, Any]:
    return dict(group)

"""The figures of a set of cases: counts and the estimates of measures, whole and by group.

Rules:
- Null is "not reached" or "not known": never 0, never the longest time.
- Open cases are censored, never left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from bot.measures.case import CaseKind, Cases
from bot.measures.cleared import Beforehand, Cleared, cleared
from bot.measures.measure import Estimate, Measure
from bot.measures.part import NO_CLASSES, NONE, SECONDS, Part, part_of, pooled
from bot.measures.registry import MEASURES

Key = TypeVar("Key", str, CaseKind)


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one set of cases: how many there are, and each measure's estimate by name."""

    n: int
    resolved: int
    open: int
    estimates: Mapping[str, Any]

    def of(self, measure: Measure[Estimate]) -> Estimate:
        """Return a measure's estimate; it must be among those that were computed."""
        estimate: Estimate = self.estimates[measure.name]
        return estimate

    def as_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes: the counts and every estimate."""
        counts = {"n": self.n, "resolved": self.resolved, "open": self.open}
        estimates: dict[str, Any] = to_jsonable_python(self.estimates)
        return counts | estimates


@dataclass(frozen=True, slots=True)
class OutcomeGroup(Group):
    """The cases resolved with one outcome, and their `share` of all resolved.

    The half-life is within the group: how long those took that ended so.
    """

    share: float

    def as_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes: the counts, every estimate and the share."""
        return Group.as_json(self) | {"share": self.share}


@dataclass(frozen=True, slots=True)
class Figures(Group):
    """The figures of all cases and of each group; `unit` is that of every time in it.

    A missing team, risk class or outcome is "(none)". `cleared` is None where it is not known what
    was decided beforehand: that is no case.
    """

    unit: str
    measures: Sequence[Measure[Any]]
    by_policy: Mapping[str, Group]
    by_team: Mapping[str, Group]
    by_severity: Mapping[str, Group]
    by_risk_class: Mapping[str, Group]
    by_outcome: Mapping[str, OutcomeGroup]
    cleared: Cleared | None

    def as_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes: the whole, and each group by name."""
        groups: dict[str, Mapping[str, Group]] = {
            "by_policy": self.by_policy,
            "by_team": self.by_team,
            "by_severity": self.by_severity,
            "by_risk_class": self.by_risk_class,
            "by_outcome": self.by_outcome,
        }
        by_name = {
            title: {name: group.as_json() for name, group in part.items()}
            for title, part in groups.items()
        }
        beforehand = {"cleared": to_jsonable_python(self.cleared)}
        return Group.as_json(self) | {"unit": self.unit} | beforehand | by_name


# The keys that figures have in JSON besides those of measures: none of these is a measure's name.
KEYS = frozenset(
    field.name for shape in (Group, OutcomeGroup, Figures) for field in fields(shape)
) - {"estimates", "measures"}


def figures(
    cases: Iterable[Cases],
    unit: str = SECONDS,
    measures: Sequence[Measure[Any]] = MEASURES,
    beforehand: Iterable[Beforehand] | None = None,
    classes: Mapping[str, str] = NO_CLASSES,
) -> Figures:
    """Return the figures of cases whose durations are in `unit`, with an estimate a measure.

    `beforehand` are the answers for which nobody was asked, over the same violations; None where
    they are not known. `classes` are the risk classes of policies, by the policies' names.
    """
    parts = [(each.kind, part_of(each, unit)) for each in cases]
    # Policies and teams are many; what is left without them is put together from few parts.
    few = list(_split(parts, lambda kind: kind._replace(policy="", team=None)))
    severities = list(_split(few, lambda kind: kind.severity))
    outcomes = _split(
        [(kind, part) for kind, part in few if kind.resolved], lambda kind: kind.outcome or NONE
    )
    whole = pooled([part for _, part in severities], unit)
    of_all = _estimated(whole, measures)
    by_policy = _groups(_split(parts, lambda kind: kind.policy), measures)
    by_class = {classes.get(policy, NONE): Group(**of_all) for policy in by_policy}
    if len(by_class) > 1:  # else it is the whole
        split = _split(parts, lambda kind: classes.get(kind.policy, NONE))
        by_class = _groups(split, measures)
    in_rooms = {policy: group.n for policy, group in by_policy.items()}
    return Figures(
        **of_all,
        unit=unit,
        measures=measures,
        by_policy=by_policy,
        by_team=_groups(_split(parts, lambda kind: kind.team or NONE), measures),
        by_severity=_groups(severities, measures),
        by_risk_class=by_class,
        by_outcome={
            name: OutcomeGroup(**_estimated(part, measures), share=part.resolved / whole.resolved)
            for name, part in outcomes
        },
        cleared=None if beforehand is None else cleared(in_rooms, beforehand),
    )


def _estimated(part: Part, measures: Sequence[Measure[Any]]) -> dict[str, Any]:
    return {
        "n": part.resolved + len(part.open),
        "resolved": part.resolved,
        "open": len(part.open),
        "estimates": {measure.name: measure.compute(part) for measure in measures},
    }


def _groups(
    split: Iterable[tuple[str, Part]], measures: Sequence[Measure[Any]]
) -> dict[str, Group]:
    return {name: Group(**_estimated(part, measures)) for name, part in split}


def _split(
    parts: Iterable[tuple[CaseKind, Part]], key: Callable[[CaseKind], Key]
) -> Iterator[tuple[Key, Part]]:
    """Yield what has one key pooled, one after another: a large part and its curve soon go."""
    split: defaultdict[Key, list[Part]] = defaultdict(list)
    for kind, part in parts:
        split[key(kind)].append(part)
    for name in sorted(split, key=str):
        yield name, pooled(split[name], split[name][0].unit)

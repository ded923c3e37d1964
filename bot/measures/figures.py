"""The figures of a set of cases: counts and the estimates of measures, whole and by group.

Rules:
- Null is "not reached" or "not known": never 0, never the longest time.
- Open cases are censored, never left out.
- An estimate is computed when it is asked for: what is shown in Slack is a twentieth of all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from bot.measures.case import CaseKind, Cases
from bot.measures.cleared import Beforehand, Cleared, cleared
from bot.measures.measure import Estimate, Measure
from bot.measures.part import NO_CLASSES, NONE, SECONDS, Part, part_of, pooled
from bot.measures.registry import MEASURES

Key = TypeVar("Key", str, CaseKind)


class Estimates(Mapping[str, Any]):
    """Each measure's estimate over some sets of cases together, by the measure's name.

    What they are computed from doesn't change, so that what was computed once holds.
    """

    def __init__(self, parts: Sequence[Part], unit: str, measures: Sequence[Measure[Any]]) -> None:
        self._parts, self._unit = parts, unit
        self._measures = {measure.name: measure for measure in measures}
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - another type for each measure
        """Return the estimate of the measure with this name."""
        if name not in self._known:
            self._known[name] = self._measures[name].compute(self._together)
            if len(self._known) == len(self._measures):
                del self._together  # it is large, and so is its curve
        return self._known[name]

    @cached_property
    def _together(self) -> Part:
        return pooled(self._parts, self._unit)

    def __iter__(self) -> Iterator[str]:
        """Return the measures' names, in their order."""
        return iter(self._measures)

    def __len__(self) -> int:
        """Return how many measures there are."""
        return len(self._measures)


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
        estimates: dict[str, Any] = to_jsonable_python(dict(self.estimates))
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
    split = _split(parts, lambda kind: kind._replace(policy="", team=None))
    few = [(kind, pooled(found, unit)) for kind, found in split.items()]
    of_all = _estimated([part for _, part in few], unit, measures)
    outcomes = _split(
        [(kind, part) for kind, part in few if kind.resolved], lambda kind: kind.outcome or NONE
    )
    by_policy = _groups(_split(parts, lambda kind: kind.policy), unit, measures)
    by_class = {classes.get(policy, NONE): Group(**of_all) for policy in by_policy}
    if len(by_class) > 1:  # else it is the whole
        of_class = _split(parts, lambda kind: classes.get(kind.policy, NONE))
        by_class = _groups(of_class, unit, measures)
    in_rooms = {policy: group.n for policy, group in by_policy.items()}
    return Figures(
        **of_all,
        unit=unit,
        measures=measures,
        by_policy=by_policy,
        by_team=_groups(_split(parts, lambda kind: kind.team or NONE), unit, measures),
        by_severity=_groups(_split(few, lambda kind: kind.severity), unit, measures),
        by_risk_class=by_class,
        by_outcome={
            name: OutcomeGroup(**group, share=group["resolved"] / of_all["resolved"])
            for name, found in outcomes.items()
            for group in [_estimated(found, unit, measures)]
        },
        cleared=None if beforehand is None else cleared(in_rooms, beforehand),
    )


def _estimated(
    parts: Sequence[Part], unit: str, measures: Sequence[Measure[Any]]
) -> dict[str, Any]:
    resolved, still_open = sum(each.resolved for each in parts), sum(len(p.open) for p in parts)
    return {
        "n": resolved + still_open,
        "resolved": resolved,
        "open": still_open,
        "estimates": Estimates(parts, unit, measures),
    }


def _groups(
    split: Mapping[str, Sequence[Part]], unit: str, measures: Sequence[Measure[Any]]
) -> dict[str, Group]:
    return {name: Group(**_estimated(parts, unit, measures)) for name, parts in split.items()}


def _split(
    parts: Iterable[tuple[CaseKind, Part]], key: Callable[[CaseKind], Key]
) -> dict[Key, list[Part]]:
    """Return what has one key together, in the order of the keys."""
    split: defaultdict[Key, list[Part]] = defaultdict(list)
    for kind, part in parts:
        split[key(kind)].append(part)
    return {name: split[name] for name in sorted(split, key=str)}

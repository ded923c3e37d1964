"""The facts of an evaluation: each metric's worst group, and the ratio and difference of groups.

Rules
- What is not known is left out, so that a condition which reads it is not known either: the worst
  and the best group, ratio and difference while one group is too small; ratio and difference of
  fewer than two groups; the ratio of values that are negative or all 0.
- A group is too small with fewer than `min_n` cases. One that doesn't say how many it has is too
  small where others of its metric say so, or where `min_n` was asked for; else it is taken.
- Higher is better, unless a metric is named as one of which lower is better.
- A drop is what got worse since the baseline. The largest is known only where both have the same
  groups and none is too small.
- The order of rows changes nothing: of equal groups the first by name counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.client import evidently
from bot.client.evaluation_files import EVALUATION, Row, rows
from bot.client.reading import content
from bot.errors import UsageError
from bot.yaml.problems import instead

MIN_N = 30  # fewer cases say little of a group

NOTHING: Mapping[str, str] = {}

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judging:
    """How figures are judged; `min_n` is None where nobody asked for a number of cases."""

    min_n: int | None = None
    lower_is_better: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is known of one metric: as a whole, by group, and which groups are too small."""

    whole: Row | None
    groups: Mapping[str, Row]
    too_small: tuple[str, ...]

    @property
    def complete(self) -> Mapping[str, Row]:
        """The groups, where none of them is too small."""
        return {} if self.too_small else self.groups


def facts(
    texts: Mapping[str, str], baseline: Mapping[str, str] = NOTHING, judging: Judging = Judging()
) -> Facts:
    """The facts of these files, each given by its name; `baseline` has an earlier evaluation's.

    `evaluation` has a metric's facts by its name; `evidently` those of Evidently's files, if there
    is one. UsageError says what is wrong in which file.
    """
    contents = {file: content(file, text) for file, text in texts.items()}
    theirs = {file: each for file, each in contents.items() if evidently.is_one(each)}
    current = _by_metric(rows({file: contents[file] for file in contents if file not in theirs}))
    earlier = _by_metric(rows({file: content(file, each) for file, each in baseline.items()}))
    for metric in judging.lower_is_better:
        if metric not in current:
            raise UsageError(f"--lower-is-better: found {metric!r}, {instead(metric, current)}")
    found: Facts = {}
    if current:
        found[EVALUATION] = {
            metric: _facts(
                _figures(now, judging.min_n),
                _figures(earlier.get(metric, ()), judging.min_n),
                lower_is_better=metric in judging.lower_is_better,
            )
            for metric, now in sorted(current.items())
        }
    if theirs:
        found[evidently.EVIDENTLY] = evidently.facts(theirs)
    return found


def _by_metric(found: Iterable[Row]) -> dict[str, list[Row]]:
    metrics: dict[str, list[Row]] = {}
    for row in found:
        metrics.setdefault(row.metric, []).append(row)
    return metrics


def _figures(found: Sequence[Row], min_n: int | None) -> _Figures:
    sizes_matter = min_n is not None or any(row.n is not None for row in found)
    least = MIN_N if min_n is None else min_n
    small = {row.group for row in found if sizes_matter and (row.n is None or row.n < least)}
    known = {row.group: row for row in found if row.group not in small}
    return _Figures(
        whole=known.pop("", None),
        groups=dict(sorted(known.items())),
        too_small=tuple(sorted(small - {""})),
    )


def _facts(now: _Figures, earlier: _Figures, *, lower_is_better: bool) -> Facts:
    found: Facts = {}
    if now.whole:
        found["value"] = float(now.whole.value)
    found |= _between_groups(now.complete.values(), lower_is_better=lower_is_better)
    sign = -1 if lower_is_better else 1
    if now.whole and earlier.whole:
        found["drop"] = float(sign * (earlier.whole.value - now.whole.value))
    drops = {
        group: sign * (earlier.groups[group].value - row.value)
        for group, row in now.groups.items()
        if group in earlier.groups
    }
    if drops and drops.keys() == now.complete.keys() == earlier.complete.keys():
        group = min(drops, key=lambda group: (-drops[group], group))
        found |= {"largest_drop": float(drops[group]), "largest_drop_group": group}
    found["too_small"] = list(now.too_small)
    found["groups"] = {
        group: _figure(row) | ({"drop": float(drops[group])} if group in drops else {})
        for group, row in now.groups.items()
    }
    return found


def _between_groups(groups: Collection[Row], *, lower_is_better: bool) -> Facts:
    if not groups:
        return {}
    lowest = min(groups, key=lambda row: (row.value, row.group))
    highest = min(groups, key=lambda row: (-row.value, row.group))
    worst, best = (highest, lowest) if lower_is_better else (lowest, highest)
    found = {
        "worst": float(worst.value),
        "worst_group": worst.group,
        "best": float(best.value),
        "best_group": best.group,
    }
    if len(groups) > 1:
        found["difference"] = float(highest.value - lowest.value)
        if lowest.value >= 0 and highest.value > 0:
            found["ratio"] = float(lowest.value / highest.value)
    return found


def _figure(row: Row) -> Facts:
    bounds: dict[str, Decimal | int | None] = {"n": row.n, "low": row.low, "high": row.high}
    known = {key: value for key, value in bounds.items() if value is not None}
    return {
        "value": float(row.value),
        **{key: value if key == "n" else float(value) for key, value in known.items()},
    }

"""The figures in words: a table for a terminal, and a few lines for Slack.

Rules:
- The half-life leads: it opens Slack's lines, and stands beside each group. The other measures
  follow in the order in which they are given.
- A ratio to the baseline is stated only where both are reached and in the same unit.
- A half-life stands beside the number of cases and of those still open.
"""

from collections.abc import Callable, Mapping
from itertools import chain

from bot.domain.count import counted
from bot.measures.figures import Figures, Group
from bot.measures.formatting import NOT_KNOWN, interval, median, percent, ratio
from bot.measures.half_life import HALF_LIFE
from bot.measures.safe_text import columns, for_slack, plain

NOTE = (
    "The half-life is the time by which half of the violations are settled; open ones count as\n"
    "still waiting. Not reached: too few are settled so far to say."
)
OTHER_UNIT = "The baseline is in the unit of its file, so it has no ratio to the current figures."
SLACK_POLICIES = 8
COUNTS: dict[str, Callable[[Figures], int]] = {
    "violations": lambda side: side.n,
    "resolved": lambda side: side.resolved,
    "open": lambda side: side.open,
}
GROUPS: dict[str, Callable[[Figures], Mapping[str, Group]]] = {
    "by policy": lambda side: side.by_policy,
    "by team": lambda side: side.by_team,
    "by severity": lambda side: side.by_severity,
    "by outcome": lambda side: side.by_outcome,
}


def table(current: Figures, baseline: Figures | None = None) -> str:
    """Return the figures as a plain table, beside those of the same measures of the baseline."""
    sides = [current] if baseline is None else [current, baseline]
    rows = [["", "current", *(["baseline", "change"] if baseline else [])]]
    rows += [[name, *(str(count(side)) for side in sides)] for name, count in COUNTS.items()]
    for measure in current.measures:
        cells = [measure.cells(side.of(measure), side.unit) for side in sides]
        titles = dict.fromkeys(chain.from_iterable(cells))  # those that either side has
        of_measure = [
            [title, *(plain(side.get(title, NOT_KNOWN)) for side in cells)] for title in titles
        ]
        if of_measure and measure.shown and baseline and baseline.unit == current.unit:
            change = measure.shown.quantity.change(current.of(measure), baseline.of(measure))
            of_measure[0] += [change] if change else []
        rows += of_measure
    parts = ["\n".join(columns(rows)), *_groups(current, baseline), NOTE]
    if baseline and baseline.unit != current.unit:
        parts.append(OTHER_UNIT)
    return "\n\n".join(parts)


def slack_text(figures: Figures, baseline: Figures | None = None) -> str:
    """Return the figures in words for Slack: the half-life first, a line a policy at the end."""
    if not figures.n:
        return "No violations so far."
    unit, half_life = figures.unit, figures.of(HALF_LIFE)
    lines = [
        f"*Decision half-life: {median(half_life, unit)}*{_beside(figures, baseline)}",
        f"95 % interval: {interval(half_life, unit)}",
        f"{counted(figures.n, 'violation')}: {figures.resolved} resolved, {figures.open} open",
    ]
    for measure in figures.measures:
        if measure.shown and measure.shown.slack:
            words = next(iter(measure.cells(figures.of(measure), unit).values()), NOT_KNOWN)
            lines.append(measure.shown.slack.format(for_slack(words)))
    if figures.by_outcome:
        outcomes = figures.by_outcome.items()
        shares = (f"{for_slack(name)} {percent(group.share)}" for name, group in outcomes)
        lines.append(f"Settled as {', '.join(shares)}")
    policies = _largest(figures.by_policy)
    lines += [
        f"• {for_slack(name)}: {median(group.of(HALF_LIFE), unit)} ({group.n}, {group.open} open)"
        for name, group in policies[:SLACK_POLICIES]
    ]
    if len(policies) > SLACK_POLICIES:
        left = counted(len(policies) - SLACK_POLICIES, "more policy", "more policies")
        lines.append(f"… and {left}")
    return "\n".join(lines)


def _beside(figures: Figures, baseline: Figures | None) -> str:
    if baseline is None:
        return ""
    words = f"baseline: {median(baseline.of(HALF_LIFE), baseline.unit)}"
    if baseline.unit != figures.unit:
        return f" ({words}, in the unit of its file)"
    change = ratio(figures.of(HALF_LIFE), baseline.of(HALF_LIFE))
    return f" ({change}; {words})" if change else f" ({words})"


def _groups(current: Figures, baseline: Figures | None) -> list[str]:
    parts = []
    for title, groups in GROUPS.items():
        here = groups(current)
        there = groups(baseline) if baseline else {}
        beside = not here.keys().isdisjoint(there)
        rows = [[title, "n", "open", "half-life", *(["baseline"] if beside else [])]]
        for name, group in _largest(here):
            row = [plain(name), str(group.n), str(group.open)]
            row.append(median(group.of(HALF_LIFE), current.unit))
            if baseline and name in there:
                row.append(median(there[name].of(HALF_LIFE), baseline.unit))
            rows.append(row)
        parts.append("\n".join(columns(rows)) if here else "")
    return [part for part in parts if part]


def _largest(groups: Mapping[str, Group]) -> list[tuple[str, Group]]:
    return sorted(groups.items(), key=lambda pair: (-pair[1].n, pair[0]))

"""The figures in words: a table for a terminal, and a few lines for Slack.

Rules:
- The half-life leads: it opens Slack's lines, and stands beside each group. The other measures
  follow in the order in which they are given.
- A ratio to the baseline is stated only where both are reached and in the same unit.
- A half-life stands beside the number of cases and of those still open.
- What was decided beforehand stands apart: nobody was asked about it, and it is in no half-life.
- Risk classes stand there where some policy has one.
"""

from collections.abc import Callable, Mapping
from itertools import chain

from bot.domain.count import counted
from bot.measures.cleared import Cleared, Counts, OfPolicy
from bot.measures.figures import Figures, Group
from bot.measures.formatting import NOT_KNOWN, interval, median, percent, ratio
from bot.measures.half_life import HALF_LIFE
from bot.measures.part import NONE
from bot.measures.safe_text import columns, for_slack, plain

NOTE = (
    "The half-life is the time by which half of the violations are settled; open ones count as\n"
    "still waiting. Not reached yet: fewer than half are settled so far."
)
OTHER_UNIT = "The baseline is in the unit of its file, so it has no ratio to the current figures."
SLACK_POLICIES = 8
SLACK_CLEARED = 4  # policies, and rules of each
SHORT = 40
COUNTS: dict[str, Callable[[Figures], int]] = {
    "violations": lambda side: side.n,
    "resolved": lambda side: side.resolved,
    "open": lambda side: side.open,
}
GROUPS: dict[str, Callable[[Figures], Mapping[str, Group]]] = {
    "by policy": lambda side: side.by_policy,
    "by team": lambda side: side.by_team,
    "by severity": lambda side: side.by_severity,
    "by risk class": lambda side: side.by_risk_class if _has_classes(side) else {},
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
    parts = ["\n".join(columns(rows)), *_groups(current, baseline), *_cleared(current), NOTE]
    if baseline and baseline.unit != current.unit:
        parts.append(OTHER_UNIT)
    return "\n\n".join(parts)


def slack_text(figures: Figures, baseline: Figures | None = None) -> str:
    """Return the figures in words for Slack: the half-life first, what was cleared last."""
    beforehand = _cleared_for_slack(figures)
    if not figures.n and beforehand:
        return "\n".join(["No violation has needed a decision so far.", *beforehand])
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
    if _has_classes(figures):
        by_class = (
            f"{for_slack(name, SHORT)} {median(group.of(HALF_LIFE), unit)} ({group.n})"
            for name, group in _largest(figures.by_risk_class)[:SLACK_POLICIES]
        )
        lines.append(f"By risk class: {', '.join(by_class)}")
    policies = _largest(figures.by_policy)
    lines += [
        f"• {for_slack(name)}: {median(group.of(HALF_LIFE), unit)} ({group.n}, {group.open} open)"
        for name, group in policies[:SLACK_POLICIES]
    ]
    if len(policies) > SLACK_POLICIES:
        left = counted(len(policies) - SLACK_POLICIES, "more policy", "more policies")
        lines.append(f"… and {left}")
    return "\n".join([*lines, *beforehand])


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


def _has_classes(figures: Figures) -> bool:
    return any(name != NONE for name in figures.by_risk_class)


def _cleared(figures: Figures) -> list[str]:
    """The share that was decided beforehand, and a table of what was, by policy and rule."""
    cleared = figures.cleared
    if cleared is None or not cleared.n:
        return []
    rows = [["by policy and rule", "answers", "cleared", "share"]]
    for name, of_policy in _most_cleared(cleared):
        counts = (str(of_policy.n), str(of_policy.cleared))
        rows.append([plain(name), *counts, percent(of_policy.share)])
        rows += [
            [f"  {plain(rule)}", "", str(part.cleared), percent(part.share)]
            for rule, part in of_policy.by_rule.items()
        ]
    table = columns(rows) if len(rows) > 1 else []
    return ["\n".join([f"cleared beforehand: {_in_words(cleared)}", *table])]


def _cleared_for_slack(figures: Figures) -> list[str]:
    cleared = figures.cleared
    if cleared is None or not cleared.n:
        return []
    lines = [f"Cleared beforehand: {_in_words(cleared)}"]
    policies = _most_cleared(cleared)
    for name, of_policy in policies[:SLACK_CLEARED]:
        by_rule = [
            f"{for_slack(rule, SHORT)} {percent(part.share)}"
            for rule, part in of_policy.by_rule.items()
        ]
        more = [f"{len(by_rule) - SLACK_CLEARED} more"] if len(by_rule) > SLACK_CLEARED else []
        shown = ", ".join([*by_rule[:SLACK_CLEARED], *more])
        lines.append(f"• {for_slack(name)}: {_in_words(of_policy)}{shown and f': {shown}'}")
    if len(policies) > SLACK_CLEARED:
        left = counted(len(policies) - SLACK_CLEARED, "more policy", "more policies")
        lines.append(f"… and {left}")
    return lines


def _in_words(counts: Counts) -> str:
    waived = f", {counts.waived} waived by an exception" if counts.waived else ""
    return f"{percent(counts.share)} ({counts.cleared} of {counts.n}{waived})"


def _most_cleared(cleared: Cleared) -> list[tuple[str, OfPolicy]]:
    """The policies under which something was decided beforehand, the largest numbers first."""
    policies = (pair for pair in cleared.by_policy.items() if pair[1].cleared or pair[1].waived)
    return sorted(policies, key=lambda pair: (-pair[1].cleared, -pair[1].waived, pair[0]))


def _largest(groups: Mapping[str, Group]) -> list[tuple[str, Group]]:
    return sorted(groups.items(), key=lambda pair: (-pair[1].n, pair[0]))

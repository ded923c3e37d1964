"""The figures in words: a table for a terminal, and a few lines for Slack.

Rules:
- A ratio to the baseline is stated only where both are reached and in the same unit.
- A half-life stands beside the number of cases and of those still open.
"""

from collections.abc import Callable, Mapping

from bot.measures.figures import Figures, Group
from bot.measures.formatting import interval, median, percent, ratio
from bot.measures.safe_text import columns, mrkdwn, plain
from bot.measures.survival import Median

NOTE = (
    "The half-life is the time by which half of the violations are settled; open ones count as\n"
    "still waiting. Not reached: too few are settled so far to say."
)
OTHER_UNIT = "The baseline is in the unit of its file, so it has no ratio to the current figures."
SLACK_POLICIES = 8
MEDIANS: dict[str, Callable[[Figures], Median]] = {
    "half-life": lambda side: side.half_life,
    "time to acknowledge": lambda side: side.time_to_acknowledge,
    "time to first response": lambda side: side.time_to_first_response,
}
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
    """Return the figures as a plain table, beside those of the baseline if there is one."""
    sides = [current] if baseline is None else [current, baseline]
    rows = [["", "current", *(["baseline", "change"] if baseline else [])]]
    rows += [[name, *(str(count(side)) for side in sides)] for name, count in COUNTS.items()]
    for name, figure in MEDIANS.items():
        rows.append([name, *(median(figure(side), side.unit) for side in sides)])
        if baseline and (change := _change(current, baseline, figure)):
            rows[-1].append(change)
        rows.append(["  95 % interval", *(interval(figure(side), side.unit) for side in sides)])
    rows += _shares(sides)
    parts = ["\n".join(columns(rows)), *_groups(current, baseline), NOTE]
    if baseline and baseline.unit != current.unit:
        parts.append(OTHER_UNIT)
    return "\n\n".join(parts)


def slack_text(figures: Figures, baseline: Figures | None = None) -> str:
    """Return the figures as Slack mrkdwn: the half-life first, then one line a policy."""
    if not figures.n:
        return "No violations so far."
    unit = figures.unit
    count = "1 violation" if figures.n == 1 else f"{figures.n} violations"
    lines = [
        f"*Decision half-life: {median(figures.half_life, unit)}*{_beside(figures, baseline)}",
        f"95 % interval: {interval(figures.half_life, unit)}",
        f"{count}: {figures.resolved} resolved, {figures.open} open",
        f"Median time to acknowledge: {median(figures.time_to_acknowledge, unit)}",
        f"Median time to first response: {median(figures.time_to_first_response, unit)}",
        f"Decided by a person: {percent(figures.human_share)}",
        f"Expired: {percent(figures.expired_share)}",
    ]
    if figures.share_by_outcome:
        shares = figures.share_by_outcome.items()
        lines.append("Settled as " + ", ".join(f"{mrkdwn(o)} {percent(s)}" for o, s in shares))
    policies = _largest(figures.by_policy)
    lines += [
        f"• {mrkdwn(name)}: {median(group.half_life, unit)} ({group.n}, {group.open} open)"
        for name, group in policies[:SLACK_POLICIES]
    ]
    if len(policies) > SLACK_POLICIES:
        lines.append(f"… and {len(policies) - SLACK_POLICIES} more policies")
    return "\n".join(lines)


def _change(current: Figures, baseline: Figures, figure: Callable[[Figures], Median]) -> str | None:
    if current.unit != baseline.unit:
        return None
    return ratio(figure(current), figure(baseline))


def _beside(figures: Figures, baseline: Figures | None) -> str:
    if baseline is None:
        return ""
    words = f"baseline: {median(baseline.half_life, baseline.unit)}"
    if baseline.unit != figures.unit:
        return f" ({words}, in the unit of its file)"
    change = ratio(figures.half_life, baseline.half_life)
    return f" ({change}; {words})" if change else f" ({words})"


def _shares(sides: list[Figures]) -> list[list[str]]:
    incidences = [side.incidence for side in sides]
    horizons = dict.fromkeys(name for each in incidences if each for name in each.horizons)
    by_horizon = [
        [each.horizons.get(name) if each else None for each in incidences] for name in horizons
    ]
    return [
        ["decided by a person", *(percent(side.human_share) for side in sides)],
        ["expired", *(percent(side.expired_share) for side in sides)],
        *(
            [f"by a person in {name}", *(percent(each.human if each else None) for each in shares)]
            for name, shares in zip(horizons, by_horizon, strict=True)
        ),
    ]


def _groups(current: Figures, baseline: Figures | None) -> list[str]:
    parts = []
    for title, groups in GROUPS.items():
        here = groups(current)
        there = groups(baseline) if baseline else {}
        beside = not here.keys().isdisjoint(there)
        rows = [[title, "n", "open", "half-life", *(["baseline"] if beside else [])]]
        for name, group in _largest(here):
            row = [plain(name), str(group.n), str(group.open)]
            row.append(median(group.half_life, current.unit))
            if baseline and name in there:
                row.append(median(there[name].half_life, baseline.unit))
            rows.append(row)
        parts.append("\n".join(columns(rows)) if here else "")
    return [part for part in parts if part]


def _largest(groups: Mapping[str, Group]) -> list[tuple[str, Group]]:
    return sorted(groups.items(), key=lambda pair: (-pair[1].n, pair[0]))

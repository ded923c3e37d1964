"""Governance debt in words: a table for a terminal, and a few lines for Slack.

Rules:
- Heaviest first, with the formula of the weight stated.
- A list that is cut short says how many more there are.
- What has ended lately stands apart, under its own heading: it is no debt any more.
"""

from collections.abc import Mapping

from bot.domain.count import counted
from bot.measures.debt import ENDED_SHOWN, Debt, Kind, Owed, Total
from bot.measures.formatting import DAY, duration
from bot.measures.part import NONE
from bot.measures.safe_text import columns, for_slack, plain

NO_DEBT = "No governance debt: no room is open, no exception is active, no follow-up is owed."
ENDED = f"Exceptions that ended in the last {ENDED_SHOWN.days} days, and are blocked again:"
LISTED = 20
SLACK_LISTED = 5
SLACK_TEAMS = 8  # and risk classes
SHORT = 40
_STATES = {
    Kind.OPEN: "open for {age}",
    Kind.EXCEPTION: "excepted for {age}, {end}",
    Kind.FOLLOW_UP: "a follow-up, owed for {age}, {end}",
}


def debt_text(debt: Debt) -> str:
    """Return the debt as plain tables: by team and risk class, the heaviest, what ended lately."""
    ended = [["ended", "team", "severity", "policy", "id", "title"]]
    for one in debt.ended[:LISTED]:
        words = map(plain, (one.team, one.severity, one.policy, one.id, one.title))
        ended.append([_end(one), *words])
    lately = (
        ["\n".join([ENDED, *columns(ended), *_more(debt.ended_in_all, LISTED)])]
        if debt.ended
        else []
    )
    if not debt.liabilities:
        return "\n\n".join([NO_DEBT, *lately])
    heads = ["open", "exceptions", "follow-ups", "oldest", "weight"]
    teams = [["team", *heads], *_rows(debt.by_team), _row("all", debt)]
    classes = [["risk class", *heads], *_rows(debt.by_risk_class)] if _has_classes(debt) else []
    owed = [["weight", "age", "", "team", "severity", "policy", "id", "title"]]
    for one in debt.liabilities[:LISTED]:
        words = map(plain, (one.team, one.severity, one.policy, one.id, one.title))
        age = duration(one.age_days * DAY)
        owed.append([_weight(one.weight), age, one.kind.value, *words])
    tables = [
        *("\n".join(columns(table)) for table in (teams, classes) if table),
        "\n".join([*columns(owed), *_more(debt.in_all, LISTED)]),
    ]
    return "\n\n".join([*tables, f"weight = {debt.formula}", *lately])


def debt_slack_text(debt: Debt) -> str:
    """Return the debt in words for Slack: in all, by team and class, the heaviest; what ended."""
    ended = [
        f"• {for_slack(one.title)} ({for_slack(one.policy)}, {one.severity}): ended on {_end(one)}"
        for one in debt.ended[:SLACK_LISTED]
    ]
    lately = [ENDED, *ended, *_more(debt.ended_in_all, SLACK_LISTED)] if ended else []
    if not debt.liabilities:
        return "\n".join([NO_DEBT, *lately])
    head = f"*Governance debt: {_counts(debt)}, weight {_weight(debt.weight)}*"
    teams = [
        f"• {for_slack(team)}: {_counts(total)}, weight {_weight(total.weight)}"
        for team, total in list(debt.by_team.items())[:SLACK_TEAMS]
    ]
    if len(debt.by_team) > SLACK_TEAMS:
        teams.append(f"… and {counted(len(debt.by_team) - SLACK_TEAMS, 'more team')}")
    if _has_classes(debt):
        of_class = (
            f"{for_slack(name, SHORT)} {_weight(total.weight)}"
            for name, total in list(debt.by_risk_class.items())[:SLACK_TEAMS]
        )
        teams.append(f"Weight by risk class: {', '.join(of_class)}")
    heaviest = []
    for rank, one in enumerate(debt.liabilities[:SLACK_LISTED], 1):
        age = duration(one.age_days * DAY)
        end = f"until {one.until:%Y-%m-%d}" if one.until else "without an end"
        state = _STATES[one.kind].format(age=age, end=end)
        what = f"{for_slack(one.title)} ({for_slack(one.policy)}, {one.severity})"
        heaviest.append(f"{rank}. {what}: {state}")
    lines = [head, *teams, "Heaviest:", *heaviest, *_more(debt.in_all, SLACK_LISTED)]
    return "\n".join([*lines, f"weight = {debt.formula}", *lately])


def _has_classes(debt: Debt) -> bool:
    return any(name != NONE for name in debt.by_risk_class)


def _rows(totals: Mapping[str, Total]) -> list[list[str]]:
    return [_row(plain(name), total) for name, total in totals.items()]


def _row(name: str, total: Total) -> list[str]:
    oldest = duration((total.oldest_days or 0.0) * DAY)
    counts = (total.open, total.exceptions, total.follow_ups)
    return [name, *map(str, counts), oldest, _weight(total.weight)]


def _weight(weight: float) -> str:
    return f"{weight:.1f}" if weight >= 1 else f"{weight:.2f}"


def _counts(total: Total) -> str:
    exceptions = counted(total.exceptions, "active exception")
    owed = f", {counted(total.follow_ups, 'follow-up')}" if total.follow_ups else ""
    return f"{counted(total.open, 'open room')}, {exceptions}{owed}"


def _end(one: Owed) -> str:
    return f"{one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""


def _more(in_all: int, listed: int) -> list[str]:
    left = in_all - listed
    return [f"… and {left} more"] if left > 0 else []

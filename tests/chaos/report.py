"""The table at the end: what has to be 0, and how late what was late."""

from collections.abc import Callable, Iterable
from functools import partial

from rich.console import Console
from rich.table import Table

from bot.domain.policy import Policy
from tests.chaos import counts, messages, timers
from tests.chaos.evidence import Evidence
from tests.chaos.run import Outcome

SHOWN = 10
Findings = dict[str, list[str]]


def findings(seen: Evidence, policies: dict[str, Policy]) -> Findings:
    """What is wrong, by count; every list should be empty."""
    table: dict[str, Callable[[Evidence], Iterable[str]]] = {
        "violations lost": counts.violations_lost,
        "violations stored twice": counts.violations_twice,
        "rooms without a channel": counts.without_channel,
        "channels twice": counts.channels_twice,
        "cards twice or missing": messages.cards_wrong,
        "pages twice": messages.pages_twice,
        "pages missing": messages.pages_missing,
        "pages that their room forgot": messages.pages_forgotten,
        "announcements twice": messages.announcements_twice,
        "announcements missing": messages.announcements_missing,
        "rooms with no decision": counts.undecided,
        "rooms with two decisions": counts.decided_twice,
        "timers early": timers.early,
        f"timers late (by {timers.LATE_SECONDS:.0f} s)": partial(timers.late, policies=policies),
        "timers twice": timers.twice,
        "events whose fold differs from the row": counts.folds_that_differ,
        "events whose leaf is missing or wrong": counts.log_wrong,
        "verdicts that changed": counts.verdicts_changed,
        "clicks acknowledged and lost": counts.clicks_lost,
        "writers stopped by a constraint alone": counts.stopped_by_a_constraint,
        "effects given up or left over": counts.given_up,
    }
    return {name: list(count(seen)) for name, count in table.items()}


def show(title: str, outcome: Outcome, found: Findings) -> None:
    """Print everything."""
    console = Console(width=120)
    table = Table("has to be 0", "count", title=title)
    for name, wrong in found.items():
        table.add_row(name, str(len(wrong)), style="bold red" if wrong else "")
    console.print(table)
    console.print(_lateness(outcome.evidence))
    console.print(_scale(outcome))
    for name, wrong in found.items():
        for line in wrong[:SHOWN]:
            console.print(f"{name}: {line}", markup=False, style="red")
        if len(wrong) > SHOWN:
            console.print(f"{name}: {len(wrong) - SHOWN} more", style="red")


def _lateness(seen: Evidence) -> Table:
    table = Table("seconds", "of", "p50", "p99", "max")
    late = [seconds for _, seconds in timers.lateness(seen)]
    for name, values in (("timers late by", late), ("pages after", timers.page_waits(seen))):
        values.sort()
        shown = (_at(values, share) for share in (0.5, 0.99, 1.0))
        table.add_row(name, str(len(values)), *(f"{value:.2f}" for value in shown))
    return table


def _at(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0


def _scale(outcome: Outcome) -> str:
    seen = outcome.evidence
    posted = sum(len(channel.messages) for channel in seen.slack.channels)
    quiet = "never" if outcome.quiet_after is None else f"after {outcome.quiet_after:.0f} s"
    vain = ", ".join(f"{count} {name}" for name, count in outcome.clicks_failed.items()) or "none"
    return (
        f"{len(seen.rooms)} rooms, {len(seen.violations)} violations in "
        f"{seen.pipelines.tries} tries, {outcome.clicked} clicks (in vain: {vain}), "
        f"{len(seen.acked)} decisions acknowledged, {seen.pipelines.asked} "
        f"verdicts asked, {len(seen.effects)} effects, {posted} messages, "
        f"{messages.overtaken(seen)} pages left out since the room was decided first; "
        f"{outcome.kills} kills, {outcome.restarts} restarts of the database, "
        f"{outcome.frozen:.0f} s frozen; quiet {quiet}"
    )

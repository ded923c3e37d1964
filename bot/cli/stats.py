"""`warroom stats`: the measures as text or JSON, beside those of a team's past."""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.built_in import measures_with
from bot.cli.configuration import config_or_note
from bot.cli.since import since_of
from bot.engine.cases import cases, decided_beforehand
from bot.errors import UsageError
from bot.measures import baseline as past
from bot.measures import report
from bot.measures.figures import figures
from bot.measures.part import NO_CLASSES, SECONDS
from bot.policies.load import Config
from bot.settings import load_settings
from bot.storage.opening import opened_store
from bot.storage.store import Store
from bot.yaml.problems import instead

if TYPE_CHECKING:
    from bot.integrations.extension import Extension


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--since", help="Detected since: 2026-11-01, or so long ago: 30d, 2 weeks.")
@click.option("--policy", help="Of this policy only.")
@click.option("--team", help="Of this team only.")
@click.option("--risk", help="Of this risk class only; high: of all that high_risk names.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV of the past: detected_at,resolved_at or time,resolved.",
)
@click.pass_obj
def stats(
    extensions: Sequence["Extension"],
    since: str | None,
    policy: str | None,
    team: str | None,
    risk: str | None,
    baseline: Path | None,
    *,
    as_json: bool,
) -> None:
    """The decision half-life, what was decided beforehand, and a team's past beside them."""
    now, measures = datetime.now(UTC), measures_with(extensions)
    past_cases = _baseline(baseline, now) if baseline else None
    settings = load_settings()
    config = config_or_note(settings, extensions)
    since_then, policies = since_of(since, now), _policies(config, policy, risk)
    with opened_store(settings.database_url) as store:
        found = cases(store, now, since_then, policies, team)
        beforehand = decided_beforehand(store, since_then, policies, team)
        if team and config and not found and not beforehand:
            _known_team(team, config, store, now)
    if policy and config and not found and not beforehand and policy not in config.policies:
        raise UsageError(f"--policy: found {policy!r}, {instead(policy, config.policies)}")
    classes = config.risk_classes if config else NO_CLASSES
    current = figures(found, SECONDS, measures, beforehand, classes)
    before = past_cases.figures(measures, classes) if past_cases else None
    if as_json:
        both = {
            "current": current.as_json(),
            "baseline": before.as_json() if before else None,
        }
        click.echo(json.dumps(both, indent=2))
    else:
        click.echo(report.table(current, before))


def _known_team(team: str, config: Config, store: Store, now: datetime) -> None:
    """UsageError for a team that nobody is in, and that no violation was reported of."""
    if decided_beforehand(store, team=team):
        return
    teams = {person.team for person in config.people.people.values()}
    teams |= {each.kind.team for each in cases(store, now)}
    if team not in teams:
        raise UsageError(f"--team: found {team!r}, {instead(team, filter(None, teams))}")


def _policies(
    config: Config | None, policy: str | None, risk: str | None
) -> AbstractSet[str] | None:
    """Those that are meant; None for all. UsageError for a risk class that is not known."""
    named = {policy} if policy else None
    if risk is None:
        return named
    known = config.by_risk if config else {}
    if risk not in known:
        raise UsageError(f"--risk: found {risk!r}, {instead(risk, known)}")
    return known[risk] if named is None else known[risk] & named


def _baseline(path: Path, now: datetime) -> past.Baseline:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--baseline: can't read {path}: {error}") from error
    try:
        return past.read(text, str(path), now)
    except past.BaselineError as error:
        raise UsageError(str(error)) from error

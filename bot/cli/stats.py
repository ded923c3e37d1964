"""`warroom stats`: the measures as text or JSON, beside those of a team's past."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.since import since_of
from bot.engine.cases import cases
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.measures import baseline as past
from bot.measures import report
from bot.measures.figures import Figures, figures
from bot.measures.measure import Measure
from bot.measures.part import SECONDS
from bot.policies.load import load
from bot.settings import load_settings
from bot.storage.opening import opened_store
from bot.yaml.problems import instead


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--since", help="Detected since: 2026-11-01, or so long ago: 30d, 2 weeks.")
@click.option("--policy", help="Of this policy only.")
@click.option("--team", help="Of this team only.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV of the past: detected_at,resolved_at or time,resolved.",
)
@click.pass_obj
def stats(
    extensions: Sequence[Extension],
    since: str | None,
    policy: str | None,
    team: str | None,
    baseline: Path | None,
    *,
    as_json: bool,
) -> None:
    """The decision half-life and the other measures, beside a team's past."""
    now, parts = datetime.now(UTC), with_built_in(extensions)
    before = _baseline(baseline, now, parts.measures) if baseline else None
    settings = load_settings()
    with opened_store(settings.database_url) as store:
        found = cases(store, now, since_of(since, now), policy, team)
    if policy and not found:
        known = load(settings.warroom_config, parts.sections).policies
        if policy not in known:
            raise UsageError(f"--policy: found {policy!r}, {instead(policy, known)}")
    current = figures(found, SECONDS, parts.measures)
    if as_json:
        both = {
            "current": current.as_json(),
            "baseline": before.as_json() if before else None,
        }
        click.echo(json.dumps(both, indent=2))
    else:
        click.echo(report.table(current, before))


def _baseline(path: Path, now: datetime, measures: Sequence[Measure[Any]]) -> Figures:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--baseline: can't read {path}: {error}") from error
    try:
        return past.read(text, str(path), now).figures(measures)
    except past.BaselineError as error:
        raise UsageError(str(error)) from error

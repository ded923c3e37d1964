"""`warroom debt`: what governance still owes, as text or JSON."""

from datetime import UTC, datetime

import click

from bot.engine.cases import liabilities
from bot.measures import debt_report
from bot.measures.debt import debt as owed
from bot.settings import load_settings
from bot.storage.opening import opened_store


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def debt(*, as_json: bool) -> None:
    """Governance debt: what is still open, and exceptions that still hold."""
    now = datetime.now(UTC)
    with opened_store(load_settings().database_url) as store:
        current = owed(liabilities(store, now), now)
    click.echo(current.model_dump_json(indent=2) if as_json else debt_report.debt_text(current))

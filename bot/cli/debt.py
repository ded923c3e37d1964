"""`warroom debt`: what governance still owes, as text or JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.cli.configuration import config_or_note
from bot.engine.cases import governance_debt
from bot.measures import debt_report
from bot.measures.part import NO_CLASSES
from bot.settings import load_settings
from bot.storage.opening import opened_store

if TYPE_CHECKING:
    from bot.integrations.extension import Extension


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def debt(extensions: Sequence["Extension"], *, as_json: bool) -> None:
    """Governance debt: what is still open, and exceptions that still hold."""
    now, settings = datetime.now(UTC), load_settings()
    config = config_or_note(settings, extensions)
    classes = config.risk_classes if config else NO_CLASSES
    with opened_store(settings.database_url) as store:
        current = governance_debt(store, now, classes, None if as_json else debt_report.LISTED)
    click.echo(current.model_dump_json(indent=2) if as_json else debt_report.debt_text(current))

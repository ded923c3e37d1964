"""`warroom db`: the database's tables."""

import click

from bot.domain.count import counted
from bot.evidence.sequencer import take_in_all
from bot.settings import load_settings
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.database_errors import reached


@click.group()
def db() -> None:
    """Work on the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date."""
    database = Database(load_settings().database_url)
    try:
        with reached(database):
            migrations.upgrade(database)
            taken = take_in_all(database)
    finally:
        database.dispose()
    click.echo("The tables are up to date.")
    if taken:
        click.echo(f"{counted(taken, 'event')} put into the log.")

"""What operators do: the database's tables, its export and import, and what was not delivered.

What a command needs is imported when it runs: `--help` answers at once.
"""

import sys
from functools import partial

import click

from bot.cli.explained import explained
from bot.errors import UsageError

CONTEXT = {"help_option_names": ["-h", "--help"]}
ID_MOST = 2**63 - 1

_say = partial(click.echo, err=True)


@click.group(context_settings=CONTEXT)
def db() -> None:
    """Work on the database."""


@db.command()
@explained
def upgrade() -> None:
    """Bring the tables up to date."""
    from bot.settings import load_settings
    from bot.storage import migrations
    from bot.storage.database import Database
    from bot.storage.database_errors import reached

    database = Database(load_settings().database_url)
    try:
        with reached(database):
            migrations.upgrade(database)
    finally:
        database.dispose()
    click.echo("The tables are up to date.")


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Say what was exported as JSON.")
@explained
def export(file: str, *, as_json: bool) -> None:
    """Write everything into FILE, such as warroom.jsonl.gz; `-` is standard output.

    Compressed when its name ends in .gz. The bot may run meanwhile.
    """
    from bot.cli import transfer

    report = _say if file == transfer.STREAM else click.echo
    transfer.export(file, as_json=as_json, say=_say, report=report)


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Say what was imported as JSON.")
@explained
def take_in(file: str, *, as_json: bool) -> None:
    """Read everything from FILE into an empty database; `-` is standard input.

    All of it or nothing: counts and checksum must agree, and each room with its events.
    """
    from bot.cli import transfer

    transfer.take_in(file, as_json=as_json, say=_say, report=click.echo)


@click.group(context_settings=CONTEXT)
def outbox() -> None:
    """See what could not be delivered, and try it again."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@explained
def listing(*, as_json: bool) -> None:
    """What was given up, with the reason, and how much is still to be tried."""
    from bot.cli import outbox

    click.echo(outbox.listing(as_json=as_json))


@outbox.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(1, ID_MOST))
@click.option("--all", "everything", is_flag=True, help="Whatever was given up.")
@explained
def retry(ids: tuple[int, ...], *, everything: bool) -> None:
    """Put back what was given up, once its reason is mended; exit code 1 if an ID isn't there."""
    if bool(ids) == everything:
        raise UsageError("name the IDs that `warroom outbox list` shows, or --all")
    from bot.cli import outbox

    sys.exit(outbox.retry(None if everything else ids, click.echo, _say))


COMMANDS = (db, export, take_in, outbox)

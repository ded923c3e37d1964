"""`warroom audit export` and `warroom audit prove`: what is mailed to an auditor.

Rules
- Both need the log's key, and sign a checkpoint first where the log has grown.
- A proof is one file: with the leaf in it, and the values that were opened.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.transfer import STREAM, written
from bot.domain.count import counted
from bot.errors import UsageError
from bot.evidence.errors import OtherLogError
from bot.evidence.exporting import NoDecisionError, proof_of, write_export
from bot.evidence.lines import base64_of
from bot.evidence.log_keys import ORIGIN, log_keys
from bot.evidence.witnesses import log_witnesses
from bot.settings import load_settings
from bot.storage.database_errors import reached
from bot.storage.opening import open_database


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
def export(file: str) -> None:
    """Write all that is in the log into FILE, such as audit.jsonl.gz, to be checked offline.

    Compressed when its name ends in .gz; `-` is standard output. The bot may run meanwhile.
    """
    settings = load_settings()
    keys = log_keys(settings)
    witnesses = [key for each in log_witnesses(settings) for key in each.keys]
    database = open_database(settings.database_url)
    try:
        with (
            reached(database),
            written(file) as out,
            click.progressbar(
                length=1, label="Leaves", file=sys.stderr, hidden=not sys.stderr.isatty()
            ) as bar,
        ):

            def tell(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            head = write_export(
                database, out, keys, datetime.now(UTC), witnesses=witnesses, tell=tell
            )
    except OtherLogError as error:
        raise UsageError(f"{ORIGIN}: {error}") from error
    finally:
        database.dispose()
    said = f"Exported {counted(head.size, 'event')}, root {base64_of(head.root)}."
    click.echo(said, err=file == STREAM)


@click.command()
@click.argument("named", metavar="ID")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output."
)
def prove(named: str, out: Path | None) -> None:
    """Prove the decision in a room, or on a violation: a file to be mailed, with names in it.

    Whoever has the log's verifier key, which keygen printed, checks it with docs/verify.py.
    """
    settings = load_settings()
    keys = log_keys(settings)
    database = open_database(settings.database_url)
    try:
        with reached(database):
            proof = bytes(proof_of(database, named, keys, datetime.now(UTC)))
    except NoDecisionError as error:
        raise UsageError(f"{named}: {error}") from error
    except OtherLogError as error:
        raise UsageError(f"{ORIGIN}: {error}") from error
    finally:
        database.dispose()
    if out is None:
        click.echo(proof, nl=False)
        return
    with written(str(out)) as file:
        file.write(proof)

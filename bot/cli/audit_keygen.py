"""`warroom audit keygen`: a new key for the log, as the environment takes it."""

import os
import socket
import stat
import sys

import click

from bot.errors import UsageError
from bot.evidence.errors import EvidenceError
from bot.evidence.keys import SigningKey
from bot.evidence.log_keys import KEY, ORIGIN, is_read_by_others
from bot.passport.keys import PrivateKey
from bot.settings import load_settings

STATEMENT_KEY = "WARROOM_STATEMENT_KEY"


@click.command()
@click.option(
    "--origin",
    help="What the log is called, such as warroom.example.com/log; it can't be changed later.",
)
def keygen(origin: str | None) -> None:
    """Print new keys, as lines for .env: for the log, with its origin, and for passports.

    Without --origin it is WARROOM_LOG_ORIGIN, or else named after this machine. While a key is
    being replaced, WARROOM_LOG_KEY holds both, separated by a blank: each checkpoint has two
    signatures then.
    """
    named = origin or load_settings().warroom_log_origin or f"{socket.getfqdn()}/warroom"
    try:
        key = SigningKey.generate(named)
    except EvidenceError as error:
        raise UsageError(f"--origin: {error}") from error
    written = _appended_to()
    if written and written.st_size:
        click.echo()  # the file's last line may have no end
    click.echo(f"{ORIGIN}={named}")
    click.echo(f"{KEY}={key.written}")
    statements = PrivateKey.generate()
    click.echo(f"{STATEMENT_KEY}={statements.written}")
    if load_settings().warroom_log_key.get_secret_value():
        click.echo(
            f"{KEY} is set already. To replace it, set both keys in one line, separated by a blank,"
            " and take out the old one once auditors have the new verifier key.",
            err=True,
        )
    click.echo(f"Passports are checked with the public key {statements.verifier}", err=True)
    click.echo(f"Auditors check with the verifier key {key.verifier}", err=True)
    if written and is_read_by_others(written.st_mode):
        click.echo(
            "Others can read the file that the key is in now: chmod 600 mends that", err=True
        )


def _appended_to() -> os.stat_result | None:
    """The file that the output goes to; None where it is none."""
    try:
        found = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):  # a stream that is none of the system's
        return None
    return found if stat.S_ISREG(found.st_mode) else None

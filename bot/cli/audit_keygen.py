"""`warroom audit keygen`: a new key for the log, as the environment takes it."""

import socket

import click

from bot.errors import UsageError
from bot.evidence.errors import EvidenceError
from bot.evidence.keys import SigningKey
from bot.evidence.log_keys import KEY, ORIGIN
from bot.settings import load_settings


@click.command()
@click.option(
    "--origin",
    help="What the log is called, such as warroom.example.com/log; it can't be changed later.",
)
def keygen(origin: str | None) -> None:
    """Print a new key for the log, and its origin, as lines for .env.

    Without --origin it is WARROOM_LOG_ORIGIN, or else named after this machine. While a key is
    being replaced, WARROOM_LOG_KEY holds both, separated by a blank: each checkpoint has two
    signatures then.
    """
    named = origin or load_settings().warroom_log_origin or f"{socket.getfqdn()}/warroom"
    try:
        key = SigningKey.generate(named)
    except EvidenceError as error:
        raise UsageError(f"--origin: {error}") from error
    click.echo(f"{ORIGIN}={named}")
    click.echo(f"{KEY}={key.written}")
    click.echo(f"Auditors check with the verifier key {key.verifier}", err=True)

"""`warroom audit`: the log of the record, for whoever doubts it."""

import click

from bot.cli.audit_export import export, prove
from bot.cli.audit_keygen import keygen
from bot.cli.audit_verify import verify


@click.group()
def audit() -> None:
    """Show that the record is what it was."""


for command in (keygen, export, verify, prove):
    audit.add_command(command)

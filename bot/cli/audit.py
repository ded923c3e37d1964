"""`warroom audit`: the log of the record, for whoever doubts it."""

import click

from bot.cli.audit_verify import verify


@click.group()
def audit() -> None:
    """Show that the record is what it was."""


audit.add_command(verify)

"""`warroom gate`: what a pipeline asks before it goes on."""

import sys

import click

from bot.client.gate import ask


@click.command()
@click.argument("violation_id", metavar="ID")
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option("--wait", type=click.IntRange(0, 86400), default=0, help="Seconds to wait at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
def gate(violation_id: str, url: str | None, wait: int, *, as_json: bool) -> None:
    """Ask for the verdict.

    ID is a violation's, or that of a war room with one violation; of one with more, their ids are
    listed.

    Exit code 0: allow. 1: block, or still pending. 2: the question was wrong. 3: no answer.
    """
    sys.exit(ask(violation_id, url, wait, as_json=as_json, echo=click.echo))

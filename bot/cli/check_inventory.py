"""`warroom check inventory`: what trains in a tree, on what, from which base, to where."""

import json
import os
from pathlib import Path

import click

from bot.check import standards
from bot.check.inventory import as_json, as_table
from bot.check.known import KnownCalls
from bot.check.scan import scan
from bot.check.walk import root_of


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True
)
def inventory(paths: tuple[Path, ...], *, form: str) -> None:
    """Say which files train, on what, from which base, to where, and how that is known.

    PATHS are files and folders, this folder unless given. Nothing in them is run or imported.
    """
    working = Path.cwd()
    known = KnownCalls.with_own(standards.load(os.environ, working).calls)
    scanned = scan(paths or (working,), root_of(paths, working), known)
    if form == "json":
        click.echo(json.dumps(as_json(scanned), indent=2))
    else:
        click.echo(as_table(scanned))

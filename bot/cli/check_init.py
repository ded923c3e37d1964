"""`warroom check init`: a first declaration from what is found."""

import os
from pathlib import Path

import click

from bot.check import first_block, standards
from bot.check.known import KnownCalls
from bot.check.scan import scan
from bot.errors import UsageError


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def init(path: Path) -> None:
    """Write a first declaration for the training code in PATH.

    It says what is found, and is marked as not reviewed: until somebody has read it and taken that
    mark out, the code counts as undeclared.
    """
    working = Path.cwd()
    held = standards.load(os.environ, working)
    root = working if path.absolute().is_relative_to(working) else path.absolute().parent
    readings = scan((path,), root, KnownCalls.with_own(held.calls)).readings
    if not readings:
        raise UsageError(f"{path} was not read; need a script, a notebook or a configuration")
    if readings[0].unreadable:
        broken = readings[0].unreadable
        raise UsageError(f"{path}:{broken.span.line}:{broken.span.column}: {broken.why}")
    written = first_block.write(path, readings[0], held.known)
    click.echo(f"{written}: read the declaration, mend it, and take `reviewed: false` out")

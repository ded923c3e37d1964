"""`warroom check init`: a first declaration from what is found."""

import os
import shlex
from pathlib import Path

import click

from bot.check import first_block, standards
from bot.check.known import KnownCalls
from bot.check.scan import scan
from bot.errors import UsageError


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def init(path: Path) -> None:
    """Write a first declaration for the training code in PATH.

    It says what is found, and is marked as not reviewed: until somebody has read it and taken that
    mark out, the code counts as undeclared.
    """
    if path.is_dir():
        which = f"`warroom check inventory {shlex.quote(str(path))}` says which files train"
        raise UsageError(f"{path} is a folder, need one file of training code: {which}")
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

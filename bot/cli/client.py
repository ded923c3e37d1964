"""What a pipeline runs: the commands that need nothing of the server, also as one file of Python.

A command is a file of its own, and a line here; `warroom` has them all.
"""

import click

from bot import __version__
from bot.cli.command_line import CommandLine, LazyCommand

COMMANDS = (
    LazyCommand("gate", "bot.cli.gate:gate", "Wait for the verdict."),
    LazyCommand(
        "check",
        "bot.cli.check:check",
        "Compare what training code declares with what it does.",
    ),
)

main = CommandLine(
    "warroom",
    COMMANDS,
    help="What a pipeline asks the policy violation war room.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(__version__, prog_name="warroom")(main)

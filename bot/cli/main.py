"""The `warroom` command.

Exit codes: 0 allow or fine, 1 block or finding, 2 usage, 3 not known, as where somebody doesn't
answer, 4 pending. A command is a file of its own, and a line here or, where a pipeline runs it, in
`client`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot import __version__
from bot.cli import client
from bot.cli.command_line import CommandLine, LazyCommand

if TYPE_CHECKING:
    from bot.integrations.extension import Extension

COMMANDS = (
    *client.COMMANDS,
    LazyCommand("serve", "bot.cli.serve:serve", "Hear and act: web and worker."),
    LazyCommand("web", "bot.cli.serve:web", "Hear: webhooks, the gate, Slack."),
    LazyCommand("worker", "bot.cli.serve:worker", "Act: run the clock, deliver to Slack."),
    LazyCommand(
        "demo",
        "bot.cli.demo:demo",
        "Try it with a local Slack in the browser: no account, nothing leaves this machine.",
    ),
    LazyCommand(
        "sandbox",
        "bot.cli.sandbox:sandbox",
        "Run a local Slack workspace for a bot, and its page for people.",
    ),
    LazyCommand("send", "bot.cli.send:send", "Sign a test violation and send it."),
    LazyCommand(
        "stats",
        "bot.cli.stats:stats",
        "The decision half-life, what was decided beforehand, and a team's past beside them.",
    ),
    LazyCommand(
        "debt",
        "bot.cli.debt:debt",
        "Governance debt: what is still open, and exceptions that still hold.",
    ),
    LazyCommand("policy", "bot.cli.policy:policy", "Work on policies."),
    LazyCommand(
        "doctor",
        "bot.cli.doctor:doctor",
        "Say what is wrong with the set-up, and how to mend it.",
    ),
    LazyCommand("db", "bot.cli.db:db", "Work on the database."),
    LazyCommand(
        "export",
        "bot.cli.transfer:export",
        "Write everything into FILE, such as warroom.jsonl.gz; `-` is standard output.",
    ),
    LazyCommand(
        "import",
        "bot.cli.transfer:take_in",
        "Read everything from FILE into an empty database; `-` is standard input.",
    ),
    LazyCommand(
        "outbox",
        "bot.cli.outbox:outbox",
        "See what could not be delivered, and try it again, or drop it.",
    ),
    LazyCommand("audit", "bot.cli.audit:audit", "Show that the record is what it was."),
    LazyCommand(
        "passport",
        "bot.cli.passport:passport",
        "A model's papers: what it is, from what, and who has allowed it.",
    ),
    LazyCommand("room", "bot.cli.room:room", "Mend a war room that nobody can decide."),
    LazyCommand("people", "bot.cli.people:people", "Work on who people are."),
    LazyCommand(
        "erase",
        "bot.cli.erase:erase",
        "Delete what is personal of somebody; what happened stays on record.",
    ),
    LazyCommand(
        "hold",
        "bot.cli.hold:hold",
        "Keep what is of a person or a war room, whoever wants it erased.",
    ),
    LazyCommand(
        "exceptions",
        "bot.cli.exceptions:exceptions",
        "What approvals and overrides allow until an end, those that end first first.",
    ),
)


def command_line(extensions: Sequence["Extension"] = ()) -> click.Group:
    """The `warroom` command, with what `extensions` bring beside what is built in.

    ValueError where a command of theirs has the name of another.
    """
    group = CommandLine(
        "warroom",
        help="The policy violation war room: one violation, one room, one decision.",
        context_settings={"help_option_names": ["-h", "--help"], "obj": tuple(extensions)},
    )
    click.version_option(__version__, prog_name="warroom")(group)
    for command in (*COMMANDS, *(each for one in extensions for each in one.commands)):
        if command.name in group.commands:
            raise ValueError(f"two commands are called {command.name!r}; a name means one thing")
        group.add_command(command)
    return group


main = command_line()

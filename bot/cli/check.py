"""`warroom check`: what code declares, beside what it does."""

import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from bot.check import baseline as known_before
from bot.check import changed, real_command, standards
from bot.check.findings import Checked
from bot.check.output.forms import FORMS
from bot.check.run import check as run_check
from bot.check.standards import Standards
from bot.check.walk import root_of
from bot.cli.check_asking import Asking
from bot.cli.check_init import init
from bot.cli.check_inventory import inventory
from bot.cli.gate import identities
from bot.client import report
from bot.client.ci.system import known
from bot.client.ci.systems import around
from bot.errors import UsageError

SUBCOMMANDS = {"init": init, "inventory": inventory}
COMMAND = "bot.check.command"
_DAY = 86400
_STDOUT = Path("-")


class CheckCommand(click.Command):
    """One command with subcommands beside its paths, and a command of the user's behind `--`."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's own
    ) -> click.Context:
        """The context of what the arguments name."""
        if args and (named := SUBCOMMANDS.get(args[0])):
            return named.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the user's command away before the options are read."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[COMMAND] = tuple(args[at + 1 :])
            args = args[:at]
        first = "".join(args[:1])  # the parser takes them out of the list
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            near = get_close_matches(first, SUBCOMMANDS, n=1)
            if not near or Path(first).exists():
                raise
            words = f"{error.message} Did you mean {near[0]!r}?"
            raise click.BadParameter(words, error.ctx, error.param, error.param_hint) from error

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Name the subcommands, as a group does."""
        with formatter.section("Commands"):
            rows = [(name, one.get_short_help_str(limit=90)) for name, one in SUBCOMMANDS.items()]
            formatter.write_dl(rows)


@click.command(cls=CheckCommand)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(tuple(FORMS)), default="text", show_default=True
)
@click.option(
    "--output", type=click.Path(allow_dash=True, path_type=Path), metavar="FILE",
    help="Write it there, and what people read on standard output; `-` is standard output.",
)  # fmt: skip
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="FILE",
    help="Leave out what an earlier `--format json` holds.",
)  # fmt: skip
@click.option("--changed-since", metavar="REV", help="Only what this branch changed since REV.")
@click.option("--gate", is_flag=True, help="Report each finding, and wait for the verdict.")
@click.option("--one", is_flag=True, help="With --gate: one violation for all findings.")
@click.option("--policy", help="The policy that is broken; matched by the facts unless given.")
@click.option("--no-wait", is_flag=True, help="With --gate: say what is known now.")
@click.option(
    "--timeout", "--wait", type=click.IntRange(0, _DAY * 30),
    help="With --gate: seconds to wait at most; until the decision unless given.",
)  # fmt: skip
@click.option(
    "--on-unreachable", type=click.Choice(("block", "allow")), default="block", show_default=True,
    help="With --gate: what it means where the bot doesn't answer.",
)  # fmt: skip
@identities
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option("--offline", is_flag=True, help="Don't ask the bot what is allowed already.")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    *,
    form: str,
    output: Path | None,
    baseline: Path | None,
    changed_since: str | None,
    **asking: Any,  # noqa: ANN401 - how the bot is asked
) -> None:
    """Compare what training code declares with what it does.

    PATHS are files and folders, this folder unless given. Nothing in them is run or imported. With
    `-- COMMAND`, such as `-- python train.py --dataset_name x`, that command is checked and then
    started; on a finding nothing is started.

    With WARROOM_GATE_TOKEN the bot is asked which findings somebody has allowed already.

    Exit code 0: nothing found, or all of it allowed. 1: findings, or a block. 2: the question was
    wrong. With --gate also 3: not known, 4: still pending, 130 or 143: cancelled.
    """
    working = Path.cwd()
    command: tuple[str, ...] | None = ctx.meta.get(COMMAND)
    if command is not None and (paths or baseline or changed_since):
        raise UsageError("need either PATHS to check, with their options, or a command behind `--`")
    named = {each: asking.pop(f"initiator_{each}") for each in report.IDENTITIES}
    file = None if output == _STDOUT else output
    asked = Asking(FORMS[form], file, initiator=known(named), **asking)
    held = standards.load(os.environ, working)
    if command is not None:
        checked = real_command.check(command, working, held, _today())
    else:
        checked = _checked(paths, working, held, baseline, changed_since)
    code = asked.ended(checked)
    if command is not None and code == 0:
        real_command.start(command)
    sys.exit(code)


def _checked(
    paths: tuple[Path, ...],
    working: Path,
    held: Standards,
    baseline: Path | None,
    changed_since: str | None,
) -> Checked:
    """What is found in files and folders. UsageError."""
    root = root_of(paths, working)
    before = frozenset[str]()
    if baseline:
        before = known_before.fingerprints(baseline)
        held = replace(held, files=(*held.files, working / baseline))
    compared = None
    if changed_since:
        compared = changed.since(changed_since, root)
    elif (system := around(os.environ)) and (base := system.read(os.environ).base):
        compared = changed.of_pull_request(base, root)
    return run_check(paths or (working,), root, held, _today(), changed=compared, baseline=before)


def _today() -> date:
    return datetime.now(UTC).date()

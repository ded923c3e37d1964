"""`warroom check`: what code declares, beside what it does."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.check import baseline as known_before
from bot.check import changed, real_command, reported, standards
from bot.check.findings import Checked
from bot.check.gating import Gating
from bot.check.output import github, json_form, sarif, text
from bot.check.run import check as run_check
from bot.cli.check_init import init
from bot.cli.check_inventory import inventory
from bot.client import bot
from bot.client.ci.systems import run as run_around
from bot.errors import UnreachableError, UsageError

SUBCOMMANDS = {"init": init, "inventory": inventory}
COMMAND = "bot.check.command"
FORMATS = ("text", "json", "sarif", "github")
_DAY = 86400


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
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name the subcommands, as a group does."""
        with formatter.section("Commands"):
            rows = [(name, one.get_short_help_str(limit=90)) for name, one in SUBCOMMANDS.items()]
            formatter.write_dl(rows)


@click.command(cls=CheckCommand)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="FILE",
    help="Leave out what an earlier `--format json` holds.",
)  # fmt: skip
@click.option("--changed-since", metavar="REV", help="Only what this branch changed since REV.")
@click.option("--gate", is_flag=True, help="Report each finding, and wait for the verdict.")
@click.option("--one", is_flag=True, help="With --gate: one violation for all findings.")
@click.option("--policy", help="With --gate: the policy that is broken; matched unless given.")
@click.option("--no-wait", is_flag=True, help="With --gate: say what is known now.")
@click.option(
    "--timeout", type=click.IntRange(0, _DAY * 30),
    help="With --gate: seconds to wait at most; until the decision unless given.",
)  # fmt: skip
@click.option(
    "--on-unreachable", type=click.Choice(("block", "allow")), default="block", show_default=True,
    help="With --gate: what it means where the bot doesn't answer.",
)  # fmt: skip
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option("--offline", is_flag=True, help="Don't ask the bot which findings are allowed.")
@click.pass_context
def check(  # noqa: PLR0913 - its options
    ctx: click.Context,
    paths: tuple[Path, ...],
    *,
    form: str,
    baseline: Path | None,
    changed_since: str | None,
    gate: bool,
    offline: bool,
    url: str | None,
    **manner: Any,  # noqa: ANN401 - how it is waited
) -> None:
    """Compare what training code declares with what it does.

    PATHS are files and folders, this folder unless given. Nothing in them is run or imported. With
    `-- COMMAND`, such as `-- python train.py --dataset_name x`, that command is checked and then
    started; on a finding nothing is started.

    With WARROOM_GATE_TOKEN the bot is asked which findings somebody has allowed already.

    Exit code 0: nothing found, or all of it allowed. 1: findings, or a block. 2: the question was
    wrong. With --gate also 3: not known, and 4: still pending.
    """
    working = Path.cwd()
    command: tuple[str, ...] | None = ctx.meta.get(COMMAND)
    if command is not None and paths:
        raise UsageError("need either PATHS to check or a command behind `--`")
    if gate and offline:
        raise UsageError("--gate asks the bot, and --offline asks nobody: need one of them")
    held = standards.load(os.environ, working)
    if command is not None:
        checked = real_command.check(command, working, held, _today())
    else:
        checked = run_check(
            paths or (working,),
            root(paths, working),
            held,
            _today(),
            changed=changed.since(changed_since, working) if changed_since else None,
            baseline=known_before.fingerprints(baseline) if baseline else frozenset(),
        )
    if gate:
        code, checked = _gated(checked, form, url, **manner)
    else:
        checked = checked if offline else _asked(checked, url, manner["policy"])
        _show(checked, form)
        code = 0 if checked.sound else 1
    if command is not None and code == 0:
        real_command.start(command)
    sys.exit(code)


def root(paths: tuple[Path, ...], working: Path) -> Path:
    """The folder that findings are told from: this one, or one that holds all paths."""
    places = [(working / path).absolute() for path in paths]
    if all(place.is_relative_to(working) for place in places):
        return working
    if len(places) == 1:
        return places[0] if places[0].is_dir() else places[0].parent
    return Path(os.path.commonpath(places))


def _today() -> Any:  # noqa: ANN401
    return datetime.now(UTC).date()


def _asked(checked: Checked, url: str | None, policy: str | None) -> Checked:
    """The result with what the bot says of it, where there is one to ask."""
    if not checked.findings or not bot.is_named():
        return checked
    try:
        return reported.suppressed(checked, bot.found(url), run_around(os.environ), policy or "")
    except UnreachableError as error:
        return checked.noted(f"Nothing counts as allowed, since the bot isn't there: {error}")


def _gated(
    checked: Checked,
    form: str,
    url: str | None,
    **manner: Any,  # noqa: ANN401
) -> tuple[int, Checked]:
    """The verdict on all findings, shown before people are waited for."""
    early = form in ("text", "github")
    if early:
        _show(checked, form)
    if not checked.findings:
        if not early:
            _show(checked, form)
        return 0, checked
    gating = Gating(bot.found(url), run_around(os.environ), aside(early), **manner)
    code = gating.verdict(checked)
    if not early:
        _show(gating.answered(checked), form)
    return code, checked


def aside(on_output: bool) -> Callable[[str], None]:  # noqa: FBT001
    return lambda line: click.echo(line, err=not on_output)


def _show(checked: Checked, form: str) -> None:
    if form == "json":
        click.echo(json_form.text(checked))
    elif form == "sarif":
        click.echo(sarif.text(checked))
    elif form == "github":
        _show_github(checked)
    else:
        for line in text.lines(checked):
            click.echo(line)


def _show_github(checked: Checked) -> None:
    """Annotations into the log, all findings into the step's summary, where there is one."""
    for line in github.annotations(checked.findings):
        click.echo(line)
    click.echo(text.summary(checked))
    if place := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(github.step_summary(checked))

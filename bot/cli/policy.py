"""`warroom policy`: what can be done with policies before they hold."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.cli.policy_cases import test
from bot.cli.policy_explain import explain
from bot.cli.policy_reload import reload
from bot.cli.policy_simulate import simulate
from bot.cli.policy_suggest import suggest
from bot.cli.signers import signers
from bot.domain.count import counted
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.policies.lint import lint as findings_of
from bot.policies.lint import lint_people
from bot.policies.load import load
from bot.settings import load_settings
from bot.yaml.problems import ConfigError, Problem

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def policy() -> None:
    """Work on policies."""


policy.add_command(test)
policy.add_command(simulate)
policy.add_command(suggest)
policy.add_command(explain)
policy.add_command(reload)


@policy.command(short_help="What stops a start, and what is seldom meant.")
@click.argument("argument", metavar="[FOLDER]", required=False, type=_FOLDER)
@click.option(
    "--config",
    "folder",
    type=_FOLDER,
    help="The folder of the configuration, as FOLDER; WARROOM_CONFIG unless given.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def lint(
    extensions: Sequence[Extension],
    *,
    argument: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Check the configuration as the start does, and look for what is seldom meant.

    Whom people.yaml doesn't say enough of, an import may: with `import` in it that is a note. Which
    sources a condition may ask for is known where WARROOM_WEBHOOK_SECRET names its secrets.

    Exit code 0: nothing, or only notes. 1: errors, which stop a start, or warnings, which don't.
    """
    if argument and folder:
        raise UsageError("found FOLDER and --config, need one of both")
    settings, parts = load_settings(), with_built_in(extensions)
    errors: tuple[Problem, ...] = ()
    warnings: list[str] = []
    notes: list[str] = []
    count = 0
    try:
        config = load(folder or argument or settings.warroom_config, parts.sections)
    except ConfigError as error:
        errors = error.problems
    else:
        of_people, notes = lint_people(config)
        of_policies = findings_of(config, signers=signers(settings, parts))
        warnings, count = [*of_policies, *of_people], len(config.policies)
    if as_json:
        told = {
            "errors": [{"place": str(each.place), "message": each.message} for each in errors],
            "warnings": [_apart(line) for line in (*warnings, *notes)],
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for line in [*map(str, errors), *warnings, *(f"note: {note}" for note in notes)]:
            click.echo(line)
        if not errors:
            counts = [
                counted(count, "policy", "policies"),
                counted(len(warnings), "finding"),
                *([counted(len(notes), "note")] if notes else []),
            ]
            click.echo(f"{', '.join(counts)}.")
    sys.exit(1 if errors or warnings else 0)


def _apart(line: str) -> dict[str, str]:
    """A finding's place and message; no place has a colon and a blank in it."""
    place, _, message = line.partition(": ")
    return {"place": place, "message": message}

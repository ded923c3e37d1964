"""`warroom policy`: what can be done with policies before they hold."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.cli.policy_cases import test
from bot.cli.policy_simulate import simulate
from bot.cli.policy_suggest import suggest
from bot.cli.policy_explain import explain
from bot.domain.count import counted
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.policies.lint import lint as findings_of
from bot.policies.lint import lint_people
from bot.policies.load import load
from bot.settings import load_settings
from bot.yaml.problems import ConfigError


@click.group()
def policy() -> None:
    """Work on policies."""


policy.add_command(test)
policy.add_command(simulate)
policy.add_command(suggest)
policy.add_command(explain)


@policy.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def lint(extensions: Sequence[Extension], folder: Path | None) -> None:
    """Check the configuration as the start does; exit code 1 with findings.

    Whom people.yaml doesn't say enough of, an import may: with `import` in it that is a note.
    """
    sections = with_built_in(extensions).sections
    try:
        config = load(folder or load_settings().warroom_config, sections)
    except ConfigError as error:
        click.echo(str(error))
        sys.exit(1)
    of_people, notes = lint_people(config)
    findings = [*findings_of(config), *of_people]
    for line in [*findings, *(f"note: {note}" for note in notes)]:
        click.echo(line)
    counts = [
        counted(len(config.policies), "policy", "policies"),
        counted(len(findings), "finding"),
        *([counted(len(notes), "note")] if notes else []),
    ]
    click.echo(f"{', '.join(counts)}.")
    sys.exit(1 if findings else 0)

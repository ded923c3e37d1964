"""The configuration, where a command can do without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.built_in import sections_with
from bot.policies.load import Config, load
from bot.settings import Settings
from bot.yaml.problems import ConfigError

if TYPE_CHECKING:
    from bot.integrations.extension import Extension


def config_or_note(settings: Settings, extensions: Sequence["Extension"]) -> Config | None:
    """What is configured; None where that is wrong, which a note on standard error says."""
    try:
        return load(settings.warroom_config, sections_with(extensions))
    except ConfigError as error:
        first, *more = error.problems
        words = f"{first.place}: {first.message}{f'; and {len(more)} more' if more else ''}"
        click.echo(f"note: no risk class is known, the configuration is wrong: {words}", err=True)
        return None

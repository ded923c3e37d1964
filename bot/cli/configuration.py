"""The configuration, where a command can do without it; and whose violations it may ask for."""

from collections.abc import Sequence

import click

from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.integrations.slack.hear.reports import SOURCE as BY_HAND
from bot.policies.load import Config, load
from bot.settings import Settings
from bot.yaml.problems import ConfigError


def signers(settings: Settings, parts: Extension) -> set[str]:
    """All names that a condition's `source` may have; none where no webhook's secret has a name."""
    named = {secret.name for secret in settings.webhook_secrets if secret.name}
    return named | {BY_HAND, *(source.name for source in parts.sources)} if named else set()


def config_or_note(settings: Settings, extensions: Sequence[Extension]) -> Config | None:
    """What is configured; None where that is wrong, which a note on standard error says."""
    try:
        return load(settings.warroom_config, with_built_in(extensions).sections)
    except ConfigError as error:
        first, *more = error.problems
        words = f"{first.place}: {first.message}{f'; and {len(more)} more' if more else ''}"
        click.echo(f"note: no risk class is known, the configuration is wrong: {words}", err=True)
        return None

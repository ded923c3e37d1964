"""Who signs what a bot is told: the words that a condition's `source` may have."""

from bot.integrations.extension import Extension
from bot.integrations.slack.hear.reports import SOURCE as BY_HAND
from bot.settings import Settings


def signers(settings: Settings, parts: Extension) -> set[str]:
    """All names that a condition's `source` may have; none where no webhook's secret has a name."""
    named = {secret.name for secret in settings.webhook_secrets if secret.name}
    return named | {BY_HAND, *(source.name for source in parts.sources)} if named else set()

"""The secret that GitHub signs with: whether the variable that `sources.yaml` names is set.

A check that finds nothing says nothing: most who try the bot have no GitHub yet.
"""

from collections.abc import Iterator

from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.finding import Finding, warning
from bot.policies.load import Config
from bot.settings import Settings


def examine(settings: Settings, config: Config | None) -> Iterator[Finding]:
    """A warning where GitHub is configured, and the secret's variable is not set."""
    section = config.sources.sections.get("github") if config else None
    if section and not settings.named(section.secret_env):
        message = f"{section.secret_env} is not set: POST /webhooks/github answers 401"
        mend = f"Set {section.secret_env} to the webhook's secret at GitHub."
        yield warning("GitHub's secret", message, mend)


CHECK = DoctorCheck("GitHub's secret", examine)

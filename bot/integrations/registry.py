"""The registry of what is built in: a line for each system that the bot talks to."""

from collections.abc import Iterable

from bot.integrations.extension import Extension, combined
from bot.integrations.github.source import SOURCE as GITHUB
from bot.integrations.slack.doctor import CHECK as SLACK_CHECK
from bot.integrations.standard.source import SOURCE as STANDARD

BUILT_IN = (
    Extension(sources=(STANDARD,)),
    Extension(sources=(GITHUB,)),
    Extension(doctor_checks=(SLACK_CHECK,)),
)


def with_built_in(extensions: Iterable[Extension] = ()) -> Extension:
    """What is built in and what is added, as one."""
    return combined((*BUILT_IN, *extensions))

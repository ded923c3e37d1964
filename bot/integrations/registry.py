"""The registry of what is built in: a line for each system that the bot talks to."""

from collections.abc import Iterable

from bot.integrations.callback.follow import FOLLOW as CALLBACK_FOLLOW
from bot.integrations.callback.kinds import KINDS as CALLBACK_KINDS
from bot.integrations.extension import Extension, combined
from bot.integrations.people.doctor import CHECK as PEOPLE_CHECK
from bot.integrations.slack.commands.registry import SUBCOMMANDS
from bot.integrations.slack.doctor import CHECK as SLACK_CHECK
from bot.integrations.slack.erasures import KINDS as ERASURE_KINDS
from bot.integrations.slack.exceptions import FOLLOW as EXCEPTIONS_FOLLOW
from bot.integrations.slack.exceptions import KINDS as EXCEPTION_KINDS
from bot.integrations.slack.follow import FOLLOW as SLACK_FOLLOW
from bot.integrations.slack.follow_ups import FOLLOW as FOLLOW_UPS_FOLLOW
from bot.integrations.slack.follow_ups import KINDS as FOLLOW_UP_KINDS
from bot.integrations.slack.kinds import KINDS as SLACK_KINDS
from bot.integrations.slack.kinds import SLACK
from bot.integrations.slack.log import FOLLOW as LOG_FOLLOW
from bot.integrations.slack.log import KINDS as LOG_KINDS
from bot.integrations.slack.verbs.registry import VERBS
from bot.integrations.sources import SOURCES
from bot.measures.registry import MEASURES
from bot.outbox.kinds import Kinds
from bot.settings import Settings

BUILT_IN = (
    Extension(sources=SOURCES),
    Extension(effect_kinds=CALLBACK_KINDS, followers=(CALLBACK_FOLLOW,)),
    Extension(
        doctor_checks=(SLACK_CHECK,),
        effect_kinds=SLACK_KINDS,
        followers=(SLACK_FOLLOW,),
        verbs=VERBS,
        subcommands=SUBCOMMANDS,
    ),
    Extension(effect_kinds=FOLLOW_UP_KINDS, followers=(FOLLOW_UPS_FOLLOW,)),
    Extension(effect_kinds=EXCEPTION_KINDS, followers=(EXCEPTIONS_FOLLOW,)),
    Extension(effect_kinds=ERASURE_KINDS),
    Extension(effect_kinds=LOG_KINDS, followers=(LOG_FOLLOW,)),
    Extension(measures=MEASURES),
    Extension(doctor_checks=(PEOPLE_CHECK,)),
)


def with_built_in(extensions: Iterable[Extension] = ()) -> Extension:
    """What is built in and what is added, as one."""
    return combined((*BUILT_IN, *extensions))


def kinds_of(parts: Extension, settings: Settings) -> Kinds:
    """The kinds of effects, and how much of what Slack allows there is to spend."""
    return Kinds(parts.effect_kinds, speed={SLACK.name: settings.slack_budget})

"""The verbs, in the order of their buttons."""

from bot.integrations.slack.verbs.ack import ACK
from bot.integrations.slack.verbs.approve import APPROVE
from bot.integrations.slack.verbs.dismiss import DISMISS
from bot.integrations.slack.verbs.explain import EXPLAIN
from bot.integrations.slack.verbs.extend import EXTEND
from bot.integrations.slack.verbs.handoff import HANDOFF
from bot.integrations.slack.verbs.identify import IDENTIFY
from bot.integrations.slack.verbs.override import OVERRIDE
from bot.integrations.slack.verbs.reject import REJECT
from bot.integrations.slack.verbs.request_info import REQUEST_INFO
from bot.integrations.slack.verbs.set_apart import SET_APART
from bot.integrations.slack.verbs.verb import Verbs
from bot.integrations.slack.verbs.withdraw import WITHDRAW

VERBS: Verbs = (
    ACK,
    APPROVE,
    OVERRIDE,
    REJECT,
    DISMISS,
    WITHDRAW,
    REQUEST_INFO,
    EXPLAIN,
    EXTEND,
    HANDOFF,
    SET_APART,
    IDENTIFY,
)

"""What Slack is told of erasures."""

from bot.domain.effect import TELLS_ERASED
from bot.integrations.slack.deliver.erasures import TellingErasures
from bot.integrations.slack.deliver.slack_delivery import SlackDelivery
from bot.integrations.slack.kinds import SLACK, TO_PERSON, by
from bot.outbox.kinds import EffectKind, Urgency


def _telling(slack: SlackDelivery) -> TellingErasures:
    return slack.telling_erasures


KINDS = (
    EffectKind(
        name=TELLS_ERASED,
        destination=SLACK,
        urgency=Urgency.NEWS,
        deliver=by(_telling, TellingErasures.tell),
        cost=TO_PERSON,
        is_message=True,
    ),
)

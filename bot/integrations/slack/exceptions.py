"""What Slack is told of exceptions by their own streams: that one has waived a violation.

Rules
- Whoever allowed it and its owner see it on their pages, everybody on the card while the room's
  channel is there: no message more, however often it happens.
- What else happens to an exception its room tells (see `excepted`).
"""

from bot.domain import exception as x
from bot.domain.effect import Change, Effect, Follower
from bot.integrations.slack.deliver.slack_delivery import SlackDelivery
from bot.integrations.slack.kinds import SLACK
from bot.outbox.budgets import Cost
from bot.outbox.kinds import EffectKind, Urgency

SHOW_WAIVED = EffectKind(
    name="show_waived",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=SlackDelivery.show_waived,
    cost=Cost("chat.update"),
    latest_wins=True,
)
KINDS = (SHOW_WAIVED,)


def waived(event: x.Waived, change: Change[x.PolicyException]) -> tuple[Effect, ...]:
    """The card counts it, and so do the pages of those who answer for it."""
    del event
    names = dict.fromkeys((change.after.allowed_by, change.after.owner))
    pages = (
        Effect(kind=SHOW_WAIVED.name, lane=f"page:{name}", payload={"user": name}) for name in names
    )
    return (Effect(kind=SHOW_WAIVED.name, lane="card"), *pages)


FOLLOW: Follower = {x.Waived: waived}

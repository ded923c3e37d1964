"""The kind of effect that a callback is: places of its own, no limit but the receiver's."""

from bot.integrations.callback.deliver import Callback, failure
from bot.outbox.kinds import Destination, EffectKind, Urgency

RECEIVERS = Destination(name="callback", places=8, failure=failure)
CALLBACK = EffectKind(
    name="callback", destination=RECEIVERS, urgency=Urgency.NEWS, deliver=Callback.deliver
)

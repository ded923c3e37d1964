"""The kinds of effects that callbacks are: places of their own, no limit but the receiver's."""

from bot.integrations.callback.deliver import CALLBACK_KIND, Callback, failure
from bot.outbox.kinds import Destination, EffectKind, Urgency

RECEIVERS = Destination(name="callback", places=8, failure=failure)
CALLBACK = EffectKind(
    name=CALLBACK_KIND, destination=RECEIVERS, urgency=Urgency.NEWS, deliver=Callback.deliver
)
CALLBACKS = EffectKind(
    name="callbacks", destination=RECEIVERS, urgency=Urgency.NEWS, deliver=Callback.of_all
)
KINDS = (CALLBACK, CALLBACKS)

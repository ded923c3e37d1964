"""The kinds of effects that callbacks are: places of their own, no limit but the receiver's."""

from contextlib import AbstractAsyncContextManager, nullcontext

from bot.integrations.callback.addresses import Addresses
from bot.integrations.callback.deliver import CALLBACK_KIND, Callback, failure
from bot.integrations.wiring import Wiring
from bot.outbox.kinds import Destination, EffectKind, Urgency
from bot.signatures import sign


def connect(wiring: Wiring) -> AbstractAsyncContextManager[Callback]:
    """Callbacks, signed with the first of the secrets that violations are signed with."""
    secrets, engine = wiring.settings.webhook_secrets, wiring.engine
    secret = secrets[0].text if secrets else None

    def addresses() -> Addresses:
        return Addresses(engine.config.sources.callbacks.allow)

    return nullcontext(
        Callback(engine.store, secret, engine.now, sign, addresses, engine.workspace)
    )


RECEIVERS = Destination(name="callback", places=8, connect=connect, failure=failure)
CALLBACK = EffectKind(
    name=CALLBACK_KIND, destination=RECEIVERS, urgency=Urgency.NEWS, deliver=Callback.deliver
)
CALLBACKS = EffectKind(
    name="callbacks", destination=RECEIVERS, urgency=Urgency.NEWS, deliver=Callback.of_all
)
KINDS = (CALLBACK, CALLBACKS)

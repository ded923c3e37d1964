"""What people do with exceptions: *Renew…* and *Revoke…*, each by a modal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import duration
from bot.domain.exception import PolicyException, Renew, Revoke
from bot.domain.exception_life import KIND
from bot.domain.person import Actor
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.engine.engine import Engine
from bot.engine.exceptions import ExceptionStep
from bot.integrations.slack.hear.stream_modals import Asked
from bot.integrations.slack.show import exceptions as show
from bot.integrations.slack.show.text import View
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, day, span
from bot.storage import exceptions


def renewal(entries: Entries, now: datetime) -> Renew:
    """The renewal that was entered. InvalidInputError without how long it holds."""
    try:
        holds = span(entries.get("validity", ""), now)
    except ValueError as error:
        needed = f"Choose how long it holds: {duration.NEEDED}."
        raise InvalidInputError({"validity": needed}) from error
    review_at = day(entries.get("review"))
    return Renew(reason=entries.get("reason", ""), validity=holds, review_at=review_at)


@dataclass(frozen=True, slots=True)
class Order:
    """One of the two: how its modal is made, what of what was entered, and what of nothing."""

    modal: Callable[[PolicyException, Policy, datetime, str], View]
    read: Callable[[Entries, datetime], Renew | Revoke]
    empty: Renew | Revoke

    def shown(
        self, engine: Engine, exception_id: str, actor: Actor, metadata: str
    ) -> View | Refusal:
        """Its modal, or why this person can't give it now."""
        store, now = engine.store, engine.now()
        if refusal := engine.exceptions.obstacle(store, exception_id, self.empty, actor, now):
            return refusal
        exception = store.ask(lambda asked: exceptions.exception(asked, exception_id))
        room = store.room(exception_id)
        if exception is None or room is None:
            raise LookupError(f"the exception {exception_id} is gone")
        return self.modal(exception, engine.rules_of(room).policy, now, metadata)

    async def given(
        self,
        engine: Engine,
        exception_id: str,
        entries: Entries,
        actor: Actor,
        delivery: str | None,
    ) -> ExceptionStep | Refusal:
        """What it leads to. InvalidInputError."""
        command = self.read(entries, engine.now())
        return await engine.exceptions.handle(exception_id, command, actor, delivery)


RENEWAL = Order(show.renew_modal, renewal, Renew(reason="", validity=timedelta(0)))
REVOCATION = Order(
    show.revoke_modal,
    lambda entries, _: Revoke(reason=entries.get("reason", "")),
    Revoke(reason=""),
)
MODALS = (
    Asked(KIND, show.RENEW, show.RENEW_MODAL, RENEWAL.shown, RENEWAL.given, Renew),
    Asked(KIND, show.REVOKE, show.REVOKE_MODAL, REVOCATION.shown, REVOCATION.given, Revoke),
)

"""What people do with exceptions: *Renew…* and *Revoke…*, each by a modal.

Rules
- Who may is checked before a modal is opened, and again when it is sent in.
- Commit first, acknowledge last. A modal stays open as long as nothing is recorded; sent in again
  it changes nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import duration
from bot.domain.exception import PolicyException, Renew, Revoke
from bot.domain.person import Actor
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import AWAY, Responder, instead, refused, wrong
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.show import exceptions as show
from bot.integrations.slack.show.modals import Reference, loggable, reference
from bot.integrations.slack.show.text import View, person
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, day, entries_of, span
from bot.storage import exceptions
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the modals: how it is shown, what is made of what was entered, and of nothing."""

    shown: Callable[[PolicyException, Policy, datetime, str], View]
    read: Callable[[Entries, datetime], Renew | Revoke]
    empty: Renew | Revoke


def renewal(entries: Entries, now: datetime) -> Renew:
    """The renewal that was entered. InvalidInputError without how long it holds."""
    try:
        holds = span(entries.get("validity", ""), now)
    except ValueError as error:
        needed = f"Choose how long it holds: {duration.NEEDED}."
        raise InvalidInputError({"validity": needed}) from error
    review_at = day(entries.get("review"))
    return Renew(reason=entries.get("reason", ""), validity=holds, review_at=review_at)


RENEWAL = Asked(show.renew_modal, renewal, Renew(reason="", validity=timedelta(0)))
REVOCATION = Asked(
    show.revoke_modal,
    lambda entries, _: Revoke(reason=entries.get("reason", "")),
    Revoke(reason=""),
)


class Exceptions:
    """Listens to the buttons and the modals of exceptions."""

    def __init__(self, engine: Engine, memberships: Memberships) -> None:
        self._engine = engine
        self._memberships = memberships

    def listen_on(self, app: AsyncApp) -> None:
        """Have all of them heard."""
        for action_id, callback_id, asked in (
            (show.RENEW, show.RENEW_MODAL, RENEWAL),
            (show.REVOKE, show.REVOKE_MODAL, REVOCATION),
        ):
            modal = ExceptionModal(self._engine, self._memberships, asked)
            app.action(action_id)(modal.wanted)
            app.view(callback_id)(modal.submitted)


class ExceptionModal:
    """Listens to the button that opens one of the modals, and to what is sent in."""

    def __init__(self, engine: Engine, memberships: Memberships, asked: Asked) -> None:
        self._engine = engine
        self._memberships = memberships
        self._asked = asked

    async def wanted(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """The button was clicked."""
        responder = Responder(body, client, respond)
        actor = self._engine.people.acting(body["user"]["id"])
        exception_id = str(body["actions"][0].get("value") or "")
        at_home = (body.get("view") or {}).get("type") == "home"
        bound = log.bind(exception=loggable(exception_id), user=actor.person.name)
        try:
            await self._memberships.learn(exception_id, type(self._asked.empty), body)
            view = await asyncio.to_thread(self._view, exception_id, actor, at_home=at_home)
        except DatabaseUnavailableError as error:
            bound.warning("exception.database_away", error=str(error))
            await responder.say(AWAY)
            return BoltResponse(status=UNAVAILABLE)
        if isinstance(view, Refusal):
            bound.info("exception.refused", why=view.why.value)
            await responder.say(view.told(person))
        else:
            await responder.open(view)
        return await ack()

    def _view(self, exception_id: str, actor: Actor, *, at_home: bool) -> View | Refusal:
        engine, store, now = self._engine, self._engine.store, self._engine.now()
        empty = self._asked.empty
        if refusal := engine.exceptions.obstacle(store, exception_id, empty, actor, now):
            return refusal
        exception = store.ask(lambda asked: exceptions.exception(asked, exception_id))
        room = store.room(exception_id)
        if exception is None or room is None:
            raise LookupError(f"the exception {exception_id} is gone")
        metadata = Reference(exception_id, at_home).written()
        return self._asked.shown(exception, engine.rules_of(room).policy, now, metadata)

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        """The modal was sent in."""
        view, user = body["view"], body["user"]["id"]
        about = reference(str(view.get("private_metadata") or ""))
        actor = self._engine.people.acting(user)
        bound = log.bind(exception=loggable(about.room_id), user=actor.person.name)
        delivery = str(view.get("id") or "") or None
        try:
            command = self._asked.read(entries_of(view), self._engine.now())
            await self._memberships.learn(about.room_id, type(command), body)
            given = self._engine.exceptions.handle(about.room_id, command, actor, delivery)
            outcome = await given
        except InvalidInputError as error:
            return await wrong(ack, view, error.errors)
        except DatabaseUnavailableError as error:
            bound.warning("exception.database_away", error=str(error))
            return await wrong(ack, view, {"": AWAY})
        if isinstance(outcome, Refusal):
            bound.info("exception.refused", why=outcome.why.value)
            if outcome.why in (Why.INVALID, Why.NOT_KNOWN):
                return await wrong(ack, view, {outcome.field or "": outcome.message})
            return await instead(ack, refused(outcome))
        bound.info("exception.done")
        if about.at_home:
            await refresh(self._engine, user)
        return await ack()

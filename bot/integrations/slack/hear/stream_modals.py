"""Modals about a stream that is no room: an exception's, a follow-up's.

Rules
- Who may is the stream's to say: before a modal is opened, and again when it is sent in.
- Commit first, acknowledge last. A modal stays open as long as nothing is recorded; sent in again
  it changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.order import Order
from bot.domain.person import Actor
from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import AWAY, Responder, instead, refused, wrong
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.show.modals import Reference, loggable, reference
from bot.integrations.slack.show.text import View, person
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, entries_of
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the modals of a `kind` of streams, which the button with `action_id` opens.

    `shown` gives it for a stream's id, by whoever clicked, with this private metadata; it asks the
    database. `given` has done what was entered, by whoever sent it in: InvalidInputError where that
    can't be read. A delivery that came before changes nothing. `order` is what it gives to a stream
    with a room's id: who may give it can depend on the groups that Slack knows.
    """

    kind: str
    action_id: str
    callback_id: str
    shown: Callable[[Engine, str, Actor, str], View | Refusal]
    given: Callable[[Engine, str, Entries, Actor, str | None], Awaitable[object]]
    order: type[Order] | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked a stream's button, and where."""

    user: str
    stream_id: str
    at_home: bool
    ts: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Click":
        """The click in a `block_actions` payload."""
        return cls(
            user=body["user"]["id"],
            stream_id=str(body["actions"][0].get("value") or ""),
            at_home=(body.get("view") or {}).get("type") == "home",
            ts=str((body.get("message") or {}).get("ts") or ""),
        )


class Log:
    """What is logged of a stream of some kind, and of whoever does something with it."""

    def __init__(self, kind: str, stream_id: str, actor: Actor) -> None:
        self._kind = kind
        self._bound = log.bind(**{kind: loggable(stream_id)}, user=actor.person.name)

    def done(self) -> None:
        """It is done."""
        self._bound.info(f"{self._kind}.done")

    def refused(self, refusal: Refusal) -> None:
        """It was refused."""
        self._bound.info(f"{self._kind}.refused", why=refusal.why.value)

    def away(self, error: Exception) -> None:
        """The database can't be reached."""
        self._bound.warning(f"{self._kind}.database_away", error=str(error))


async def answered(
    responder: Responder, ack: AsyncAck, heard: Log, outcome: Refusal | Exception
) -> BoltResponse:
    """The answer to a click that led to nothing: it was refused, or the database is away."""
    if isinstance(outcome, Refusal):
        heard.refused(outcome)
        await responder.say(outcome.told(person))
        return await ack()
    heard.away(outcome)
    await responder.say(AWAY)
    return BoltResponse(status=UNAVAILABLE)


class StreamModal:
    """Listens to the button that opens one of the modals, and to what is sent in."""

    def __init__(self, engine: Engine, memberships: Memberships, asked: Asked) -> None:
        self._engine = engine
        self._memberships = memberships
        self._asked = asked

    def listen_on(self, app: AsyncApp) -> None:
        """Have both heard."""
        app.action(self._asked.action_id)(self.wanted)
        app.view(self._asked.callback_id)(self.submitted)

    async def wanted(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """The button was clicked."""
        click, responder = Click.read(body), Responder(body, client, respond)
        actor = self._engine.people.acting(click.user)
        heard = Log(self._asked.kind, click.stream_id, actor)
        metadata = Reference(click.stream_id, click.at_home).written()
        shown = self._asked.shown
        try:
            await self._learn(click.stream_id, body)
            view = await asyncio.to_thread(shown, self._engine, click.stream_id, actor, metadata)
        except DatabaseUnavailableError as error:
            return await answered(responder, ack, heard, error)
        if isinstance(view, Refusal):
            return await answered(responder, ack, heard, view)
        await responder.open(view)
        return await ack()

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        """The modal was sent in."""
        view, user = body["view"], body["user"]["id"]
        about = reference(str(view.get("private_metadata") or ""))
        actor = self._engine.people.acting(user)
        heard = Log(self._asked.kind, about.room_id, actor)
        delivery = str(view.get("id") or "") or None
        given = self._asked.given
        try:
            await self._learn(about.room_id, body)
            outcome = await given(self._engine, about.room_id, entries_of(view), actor, delivery)
        except InvalidInputError as error:
            return await wrong(ack, view, error.errors)
        except DatabaseUnavailableError as error:
            heard.away(error)
            return await wrong(ack, view, {"": AWAY})
        if isinstance(outcome, Refusal):
            heard.refused(outcome)
            if outcome.why in (Why.INVALID, Why.NOT_KNOWN):
                return await wrong(ack, view, {outcome.field or "": outcome.message})
            return await instead(ack, refused(outcome))
        heard.done()
        if about.at_home:
            await refresh(self._engine, user)
        return await ack()

    async def _learn(self, stream_id: str, body: dict[str, Any]) -> None:
        if self._asked.order:
            await self._memberships.learn(stream_id, self._asked.order, body)

"""Buttons and choices: what needs no words is done at once, what needs some opens its modal.

Rules
- Who clicked is the Slack user of the signed request, and nothing else.
- Commit first, acknowledge last: Slack shows an error for whatever isn't recorded.
- A refusal is for the eyes of the person who clicked. A second delivery changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from structlog.contextvars import bound_contextvars

from bot.domain import lifecycle
from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine, UnknownRoomError
from bot.integrations.slack.hear.answers import AWAY, Responder, unknown
from bot.integrations.slack.hear.forms import form_context, shown_form
from bot.integrations.slack.hear.home_tab import refresh
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.show.buttons import chosen, shown_count_of
from bot.integrations.slack.show.modals import Reference, loggable
from bot.integrations.slack.show.text import person
from bot.integrations.slack.verbs.verb import AtOnce, Form, Verb, with_shown_count
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

UNAVAILABLE = 503
GONE = "That isn't offered any more. Nothing was done."


@dataclass(frozen=True, slots=True)
class Click:
    """Who chose something in which room, where, and how many violations they were shown."""

    user: str
    room_id: str
    channel: str
    at_home: bool
    shown_count: int

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Click":
        """The click in a `block_actions` payload."""
        action = body["actions"][0]
        view = body.get("view") or {}
        return cls(
            user=body["user"]["id"],
            room_id=room_of(action),
            channel=str((body.get("channel") or {}).get("id") or ""),
            at_home=view.get("type") == "home",
            shown_count=shown_count_of(str(action.get("block_id") or "")),
        )


def room_of(action: Mapping[str, Any]) -> str:
    """The room's id in the value of a button, or of what was chosen in the menu."""
    _, room_id = chosen(_choice(action))
    return room_id or str(action.get("value") or "")


def _choice(action: Mapping[str, Any]) -> str:
    return str((action.get("selected_option") or {}).get("value") or "")


class Menu:
    """Listens to the menu of a room: each of its choices is heard as its button would be."""

    def __init__(
        self, engine: Engine, listeners: Mapping[str, Callable[..., Awaitable[BoltResponse]]]
    ) -> None:
        self._engine = engine
        self._listeners = listeners

    async def chosen(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """Something was chosen."""
        action_id, _ = chosen(_choice(body["actions"][0]))
        listener = self._listeners.get(action_id)
        if listener is None:
            user = self._engine.people.in_slack(body["user"]["id"])
            log.info("action.unknown", user=user.name)
            await Responder(body, client, respond).say(GONE)
            return await ack()
        return await listener(ack, body, client, respond)


class Clicks:
    """Listens to what is chosen of one verb."""

    def __init__(self, engine: Engine, memberships: Memberships, verb: Verb) -> None:
        self._engine = engine
        self._memberships = memberships
        self._verb = verb

    async def clicked(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """It was chosen."""
        click, responder = Click.read(body), Responder(body, client, respond)
        act = self._verb.act
        # In the context: what is said and opened in answer logs under the same names.
        with bound_contextvars(action=self._verb.action_id, room=loggable(click.room_id)):
            bound = log.bind(user=self._engine.people.in_slack(click.user).name)
            try:
                await self._memberships.learn(click.room_id, self._verb.command, body)
                if isinstance(act, AtOnce):
                    refusal = await self._give(act, click, responder)
                else:
                    refusal = await self._ask(act, click, responder)
            except UnknownRoomError:
                bound.info("action.refused", why="unknown_room")
                await responder.say(unknown(click.room_id))
            except DatabaseUnavailableError as error:
                bound.warning("action.database_away", error=str(error))
                await responder.say(AWAY)
                return BoltResponse(status=UNAVAILABLE)
            else:
                if refusal:
                    bound.info("action.refused", why=refusal.why.value)
                    await responder.say(refusal.told(person))
            return await ack()

    async def _give(self, act: AtOnce, click: Click, responder: Responder) -> Refusal | None:
        command = with_shown_count(act.command, click.shown_count)
        actor = self._engine.people.acting(click.user)
        outcome = await self._engine.handle(click.room_id, command, actor)
        if isinstance(outcome, Refusal):
            return outcome
        log.info("action.done", user=actor.person.name)
        if click.at_home:
            await refresh(self._engine, click.user)
        elif act.receipt and click.channel != outcome.after.channel:
            # The card shows it; a page and a reminder don't.
            await responder.say(act.receipt)
        return None

    async def _ask(self, form: Form, click: Click, responder: Responder) -> Refusal | None:
        room = await asyncio.to_thread(self._engine.store.room, click.room_id)
        if room is None:
            raise UnknownRoomError(click.room_id)
        actor = self._engine.people.acting(click.user)
        rules = await self._engine.rules_for(room)
        about = await asyncio.to_thread(form_context, self._engine, room, actor)
        empty = form.empty(about)
        outcome = lifecycle.decide(room, empty, actor, rules, self._engine.now())
        if isinstance(outcome, Refusal) and outcome.why is not Why.INVALID:
            return outcome
        if obstacle := form.obstacle(about):
            return Refusal(Why.INVALID, obstacle)
        before = Reference(room.id, click.at_home, click.shown_count)
        await responder.open(await asyncio.to_thread(shown_form, form, about, before))
        return None

"""Replies in the thread of the card: an initiator's are offered to them as their answer.

Rules
- Only an initiator's reply in an open room is taken, once a message, and nothing else that is
  written in a channel.
- It is an explanation once its author says so, and nobody says it for them.
- An event may come again, and a button be clicked twice: each is done once.
"""

import asyncio
import re
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.commands import Explain, RecordReply
from bot.domain.events import Replied
from bot.domain.person import BY_SYSTEM
from bot.domain.refusal import Refusal
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import AWAY, Responder, unknown
from bot.integrations.slack.show.modals import loggable
from bot.integrations.slack.show.replies import place_of
from bot.integrations.slack.show.text import person
from bot.policies.people import Directory
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

UNAVAILABLE = 503
BY_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
USED = "It stands on the card now."
NOT_YOURS = "Only who wrote a reply can use it as their answer."
_MARK = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


class Replies:
    """Listens to what is written in channels, and to the button under an offer."""

    def __init__(self, engine: Engine, people: Directory) -> None:
        self._engine = engine
        self._people = people

    async def written(self, event: dict[str, Any]) -> None:
        """Somebody wrote something. DatabaseUnavailableError."""
        thread, ts = event.get("thread_ts"), event.get("ts")
        by_person = event.get("subtype") in BY_PEOPLE and not event.get("bot_id")
        if not thread or not ts or thread == ts or not by_person:
            return
        channel, user = str(event.get("channel") or ""), str(event.get("user") or "")
        room = await asyncio.to_thread(self._engine.store.room_in_channel, channel)
        if room is None or room.card is None or room.card.ts != thread:
            return
        name = room.name_of(self._people.acting(user).person)
        if name not in room.initiators:
            return
        text = typed(str(event.get("text") or ""), self._people)
        reply = RecordReply(name=name, text=text)
        answer = await self._engine.handle(room.id, reply, BY_SYSTEM, f"reply:{ts}")
        refused = answer.why.value if isinstance(answer, Refusal) else None
        log.info("reply.heard", room=room.id, user=user, refused=refused)

    async def used(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """The button under an offer was clicked."""
        user, responder = body["user"]["id"], Responder(body, client, respond)
        room_id, seq = place_of(str(body["actions"][0].get("value") or ""))
        bound = log.bind(action="use_answer", room=loggable(room_id), user=user)
        try:
            refused = await self._explain(room_id, seq, user)
        except DatabaseUnavailableError as error:
            bound.warning("action.database_away", error=str(error))
            await responder.say(AWAY)
            return BoltResponse(status=UNAVAILABLE)
        if refused:
            bound.info("action.refused")
            await responder.say(refused)
        else:
            bound.info("action.done")
            await responder.replace(USED)
        return await ack()

    async def _explain(self, room_id: str, seq: int, user: str) -> str | None:
        """Why the reply that an event holds can't be used as an answer by `user`; None if it is."""
        store, actor = self._engine.store, self._people.acting(user)
        room = await asyncio.to_thread(store.room, room_id)
        if room is None or not 0 < seq <= room.version:
            return unknown(room_id)
        event = (await asyncio.to_thread(store.event, room, seq)).event
        if not isinstance(event, Replied) or event.name != room.name_of(actor.person):
            return NOT_YOURS
        command, delivery = Explain(text=event.text), f"answer:{seq}"
        answer = await self._engine.handle(room_id, command, actor, delivery)
        return answer.told(person) if isinstance(answer, Refusal) else None


def typed(text: str, people: Directory) -> str:
    """A message's text as it was typed: people and channels by name, links by their address."""

    def words(mark: re.Match[str]) -> str:
        kind, what, label = mark.groups()
        if kind == "@":
            return "@" + (label or people.in_slack(what).name.rpartition(":")[2])
        if kind:
            return ("#" if kind == "#" else "@") + (label or what).lstrip("@")
        address = what.removeprefix("mailto:")
        return address if not label or label in address else f"{label} ({address})"

    text = _MARK.sub(words, text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text

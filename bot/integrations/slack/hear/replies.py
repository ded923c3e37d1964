"""Replies in threads: an initiator's are offered to them as their answer.

Rules
- Taken is an initiator's reply to the card, to the last question, in the channel or as it was sent
  to them, and to their page, once a message, while the room is open; and nothing else that is
  written. A digest is no page: it is about several rooms.
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
from bot.domain.messages import PostedMessage
from bot.domain.person import BY_SYSTEM, Person
from bot.domain.refusal import Refusal
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import AWAY, Responder, unknown
from bot.integrations.slack.show.modals import loggable
from bot.integrations.slack.show.replies import place_of
from bot.integrations.slack.show.text import person
from bot.policies.people import Directory
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

UNAVAILABLE = 503
DIRECT = "im"  # Slack's word for a conversation of two
BY_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
USED = "It stands on the card now."
NOT_YOURS = "Only who wrote a reply can use it as their answer."
_MARK = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


class Replies:
    """Listens to what is written in channels, and to the button under an offer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def written(self, event: dict[str, Any]) -> None:
        """Somebody wrote something. DatabaseUnavailableError."""
        thread, ts = event.get("thread_ts"), event.get("ts")
        by_person = event.get("subtype") in BY_PEOPLE and not event.get("bot_id")
        if not thread or not ts or thread == ts or not by_person:
            return
        user = str(event.get("user") or "")
        who = self._engine.people.acting(user).person
        to = PostedMessage(channel=str(event.get("channel") or ""), ts=str(thread))
        found = await asyncio.to_thread(self._rooms, who, to, event.get("channel_type"))
        room = next((room for room in found if to in _takes_replies(room, room.name_of(who))), None)
        if room is None:
            return
        text = typed(str(event.get("text") or ""), self._engine.people)
        reply = RecordReply(name=room.name_of(who), text=text, thread=to)
        answer = await self._engine.handle(room.id, reply, BY_SYSTEM, f"reply:{ts}")
        refused = answer.why.value if isinstance(answer, Refusal) else None
        log.info("reply.heard", room=room.id, user=who.name, refused=refused)

    def _rooms(self, who: Person, to: PostedMessage, channel_type: object) -> list[WarRoom]:
        """The rooms that a message may be of; a direct message tells only whose it is."""
        if channel_type == DIRECT:
            return self._engine.store.open_rooms_asking(who)
        room = self._engine.store.room_in_channel(to.channel)
        return [room] if room else []

    async def used(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        """The button under an offer was clicked."""
        user, responder = body["user"]["id"], Responder(body, client, respond)
        room_id, seq = place_of(str(body["actions"][0].get("value") or ""))
        name = self._engine.people.in_slack(user).name
        bound = log.bind(action="use_answer", room=loggable(room_id), user=name)
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
        store, actor = self._engine.store, self._engine.people.acting(user)
        room = await asyncio.to_thread(store.room, room_id)
        if room is None or not 0 < seq <= room.version:
            return unknown(room_id)
        event = (await asyncio.to_thread(store.event, room, seq)).event
        if not isinstance(event, Replied) or event.name != room.name_of(actor.person):
            return NOT_YOURS
        command, delivery = Explain(text=event.text), f"answer:{seq}"
        answer = await self._engine.handle(room_id, command, actor, delivery)
        return answer.told(person) if isinstance(answer, Refusal) else None


def _takes_replies(room: WarRoom, name: str) -> list[PostedMessage]:
    """The messages of a room to which a reply of somebody may be their answer."""
    if name not in room.initiators:
        return []
    page = None if name in room.digested else room.pages.get(name)
    messages = (room.card, room.questions.get(""), room.questions.get(name), page)
    return [message for message in messages if message]


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

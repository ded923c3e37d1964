"""One use of `/warroom`: by whom, where and with which words, and how the words are read.

Rules
- In a room's channel its commands mean that room; elsewhere the first word is the room's id.
- A private room is shown to those who have a part in it, and to whoever asks in its channel.
- Phones and macOS turn `--` into a dash and straight quotes into curly ones: both are read.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import access
from bot.domain.order import Order
from bot.domain.person import Actor
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import unknown
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.verbs.verb import Verbs
from bot.measures.measure import Measure
from bot.policies.load import Config

_ROOM = re.compile(r"[0-9a-z]{6,16}")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_SPOKEN = re.compile(r"<[@#!][^|>]*\|([^>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class CannotError(Exception):
    """What was asked can't be done; the message, mrkdwn, says why and what can."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One use of the command.

    `words` stand behind the subcommand; `usages` are the usage lines of all subcommands by name.
    `learn` finds out, of a room by its id and a kind of command, what has to be known of whoever
    asks before they give it.
    """

    engine: Engine
    config: Config
    learn: Callable[[str, type[Order]], Awaitable[None]]
    client: AsyncWebClient
    verbs: Verbs
    usages: Mapping[str, str]
    measures: Sequence[Measure[Any]]
    user: str
    channel: str
    trigger_id: str
    words: str

    @property
    def actor(self) -> Actor:
        """Who gives it."""
        return self.engine.people.acting(self.user)

    async def room(self) -> tuple[WarRoom, str]:
        """The room that is meant, and the words left. CannotError when there is none."""
        here = await asyncio.to_thread(self.engine.store.room_in_channel, self.channel)
        first, _, rest = self.words.partition(" ")
        named = first.strip("`#").lower()
        room = await asyncio.to_thread(self.engine.store.room, named) if named else None
        if room and self.may_see(room):
            return room, rest.strip()
        if here:
            return here, self.words
        if room:
            raise CannotError(f"War room `{room.id}` is private, and you have no part in it.")
        if not _ROOM.fullmatch(named):
            raise CannotError(
                "Which war room? Ask in its channel, or add its id: `/warroom list` has them."
            )
        raise CannotError(f"{unknown(first)} `/warroom list` has those that are open.")

    def may_see(self, room: WarRoom) -> bool:
        """Whether what happened in `room` is for this person's eyes."""
        return access.may_see(room, room.name_of(self.actor.person), self.channel)


Reply = Rendered | str | None


def mentioned(word: str) -> str | None:
    """The Slack user that a word mentions."""
    match = _MENTION.fullmatch(word)
    return match[1] if match else None


def spoken(words: str) -> str:
    """Words as they were typed: mentions as names, entities as characters."""
    text = _SPOKEN.sub(lambda match: f"@{match[1].lstrip('@')}", words)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text.strip()


def straight(words: str) -> str:
    """Words with the dashes and quotes that a terminal would have."""
    text = re.sub(r"(?<!\S)[\u2014\u2013](?=\w)", "--", spoken(words))
    return text.translate(str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\''))

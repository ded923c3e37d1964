"""One use of `/warroom`: by whom, where and with which words, and how the words are read.

Rules
- A room is meant by its channel, `#wr-…` or its id, or by the beginning of an id, of at least four
  characters, that no other room has which this person may see. In a room's channel that room is
  meant where the first word is no channel and means no room, or several.
- A private room is shown to those who have a part in it, and to whoever asks in its channel. For
  others it isn't there.
- What isn't understood is refused, with what was found and what is possible.
- Phones and macOS turn `--` into a dash and straight quotes into curly ones: both are read.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from difflib import get_close_matches
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import access
from bot.domain.channel_names import PREFIX, room_id_in
from bot.domain.order import Order
from bot.domain.person import Actor
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.hear.answers import unknown
from bot.integrations.slack.show.text import Rendered, outside
from bot.integrations.slack.verbs.verb import Verbs
from bot.measures.measure import Measure
from bot.policies.load import Config
from bot.storage.room_ids import rooms_that_begin

_BEGINNING = re.compile(r"[0-9a-z]{4,16}", re.ASCII)
_CHANNEL = re.compile(r"<#(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>")
_LISTED = 5
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_SPOKEN = re.compile(r"<([@#!])[^|>]*\|([^>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class CannotError(Exception):
    """What was asked can't be done; the message, mrkdwn, says why and what can."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One use of the command.

    `words` stand behind the subcommand; `usages` are the usage lines of all subcommands by name.
    `learn` finds out, of a room by its id and a kind of command, what has to be known of whoever
    asks before they give it; `zone` is their time zone, None while Slack doesn't say.
    """

    engine: Engine
    learn: Callable[[str, type[Order]], Awaitable[None]]
    zone: Callable[[], Awaitable[tzinfo | None]]
    client: AsyncWebClient
    verbs: Verbs
    usages: Mapping[str, str]
    measures: Sequence[Measure[Any]]
    user: str
    channel: str
    trigger_id: str
    words: str

    @property
    def config(self) -> Config:
        """What is loaded now."""
        return self.engine.config

    @property
    def actor(self) -> Actor:
        """Who gives it."""
        return self.engine.people.acting(self.user)

    async def room(self, else_here: Callable[[str], object] | None = None) -> tuple[WarRoom, str]:
        """The room that is meant, and the words left. CannotError where none or several are.

        Words in which `else_here` reads something else name no room.
        """
        here = await asyncio.to_thread(self.engine.store.room_in_channel, self.channel)
        first, _, rest = self.words.partition(" ")
        is_else = not first or (else_here is not None and else_here(self.words))
        found = [] if is_else else await asyncio.to_thread(self._called, first)
        if len(found) == 1:
            return found[0], rest.strip()
        if here and (is_else or not is_room_name(first)):
            return here, self.words
        if found:
            listed = (f"• `{room.id}` {outside(room.title, 100)}" for room in found[:_LISTED])
            more = [f"… and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
            heading = f"`{outside(first, 40)}` may be any of these war rooms; give more of its id:"
            raise CannotError("\n".join([heading, *listed, *more]))
        if is_room_name(first) or (not is_else and _BEGINNING.fullmatch(first.strip("`").lower())):
            raise CannotError(f"{unknown(spoken(first))} `/warroom list` has those that are open.")
        raise CannotError(
            "Which war room? Ask in its channel, or add its `#channel`, its id or at least the "
            "first 4 characters of its id: `/warroom list` has them."
        )

    def _called(self, word: str) -> list[WarRoom]:
        """The rooms that a word may mean, of those that this person may see."""
        store, name = self.engine.store, word.strip("`").lower()
        if channel := _CHANNEL.fullmatch(word):
            rooms = [store.room_in_channel(channel["id"])]
        elif is_room_name(word):
            rooms = [store.room(room_id_in(name))]
        elif _BEGINNING.fullmatch(name):
            alike = store.ask(lambda asked: rooms_that_begin(asked, name))
            rooms = [room for room in alike if room.id == name] or [*alike]
        else:
            rooms = []
        return [room for room in rooms if room and self.may_see(room)]

    def may_see(self, room: WarRoom) -> bool:
        """Whether what happened in `room` is for this person's eyes."""
        return access.may_see(room, room.name_of(self.actor.person), self.channel)


Reply = Rendered | str | None


def is_room_name(word: str) -> bool:
    """Whether a word can mean nothing but a room: the name of a channel."""
    name = word.strip("`").lower()
    return name.startswith(("#", PREFIX)) or bool(_CHANNEL.fullmatch(word))


def not_understood(found: str, possible: Iterable[str], usage: str) -> CannotError:
    """The refusal of words that are none of those which are `possible` in this place."""
    words = [*possible]
    near = get_close_matches(found.lower(), words, n=1)
    if near:
        need = f"Did you mean `{near[0]}`?"
    else:
        need = f"Possible: {', '.join(f'`{word}`' for word in words)}." if words else ""
    said, as_typed = outside(spoken(found), 40), usage.partition(":")[0]
    return CannotError(" ".join(filter(None, [f"Found `{said}`.", need, f"`/warroom {as_typed}`"])))


def mentioned(word: str) -> str | None:
    """The Slack user that a word mentions."""
    match = _MENTION.fullmatch(word)
    return match[1] if match else None


def spoken(words: str) -> str:
    """Words as they were typed: mentions as names, entities as characters."""
    text = _SPOKEN.sub(
        lambda match: f"{'#' if match[1] == '#' else '@'}{match[2].lstrip('@#')}", words
    )
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text.strip()


def straight(words: str) -> str:
    """Words with the dashes and quotes that a terminal would have."""
    text = re.sub(r"(?<!\S)[\u2014\u2013](?=\w)", "--", spoken(words))
    return text.translate(str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\''))

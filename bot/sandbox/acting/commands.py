"""Slash commands.

Rules
- The text reaches the bot escaped: `@name`, `#channel` and `@group` become mentions with their
  ids, `&`, `<` and `>` become entities.
- What the bot answers in its acknowledgement is shown to the person alone, or to the channel.
"""

import re

from bot.sandbox.acting.stage import Stage, answered
from bot.sandbox.config import Person
from bot.sandbox.delivery.delivery import Answer, Delivery
from bot.sandbox.delivery.responses import say
from bot.sandbox.errors import RefusedError, SlackError
from bot.sandbox.state.records import Channel, Json
from bot.sandbox.state.tickets import ResponseUrl

_MENTION = re.compile(r"<@(\w+)(?:\|[^>]*)?>|(?<![\w@])@([\w.\-]+)|(?<![\w#])#([\w\-]+)|[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


async def command(stage: Stage, user: str, channel: str, text: str) -> Json:
    """Type a command, such as `/status all`, into a channel. Raises RefusedError."""
    place = stage.channel(user, channel)
    name, _, rest = text.strip().partition(" ")
    known = stage.workspace.config.commands
    foreign = known is not None and name not in {one.command for one in known}
    if not name.startswith("/") or foreign:
        raise RefusedError("no_such_command", f"{name} is not a valid command")
    if user not in place.members or place.archived:
        raise RefusedError("not_in_channel", f"{user} can't write in {place.id}")
    payload = stage.payloads.command(user, place, name, escaped(stage, user, rest.strip()))
    answer = await stage.line.deliver(Delivery("slash_commands", "command", payload))
    return {"channel": place.id, **answered(answer), **_shown(stage, user, place, answer)}


def escaped(stage: Stage, user: str, text: str, *, names: bool = True) -> str:
    """The text as the bot gets it; people with their `names` beside their ids, or without."""

    def replaced(match: re.Match[str]) -> str:
        known, name, channel = match.groups()
        if known or name:
            person = _person(stage, known, name)
            if person is not None:
                return f"<@{person.id}|{person.name}>" if names else f"<@{person.id}>"
            return _group(stage, match.group(), name)
        if channel:
            found = stage.workspace.conversations.named(channel)
            seen = found is not None and found.seen_by(user)
            return f"<#{found.id}|{found.name}>" if found and seen else match.group()
        return _ENTITIES[match.group()]

    return _MENTION.sub(replaced, text)


def _person(stage: Stage, known: str | None, name: str | None) -> Person | None:
    everybody = stage.workspace.directory.everybody()
    return next((p for p in everybody if p.id == known or p.name == name), None)


def _group(stage: Stage, typed: str, name: str | None) -> str:
    for group in stage.workspace.directory.usergroups:
        if group.handle == name:
            return f"<!subteam^{group.id}|@{group.handle}>"
    return "".join(_ENTITIES.get(letter, letter) for letter in typed)


def _shown(stage: Stage, user: str, channel: Channel, answer: Answer) -> Json:
    """What of the acknowledgement is shown as a message."""
    if not answer.acked or answer.body in (None, "", {}):
        return {"ts": None}
    place = ResponseUrl(user, channel.id, None, 0.0)
    try:
        said = say(stage.workspace, place, answer.body)
    except SlackError as error:
        return {"ts": None, "refused": error.answer()}
    return {"ts": said.ts if said is not None else None}

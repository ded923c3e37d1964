"""Slash commands.

Rules
- The text reaches the bot escaped: `@name`, `#channel` and `@group` become mentions with their
  ids, `&`, `<` and `>` become entities.
- What the bot answers in its acknowledgement is shown to the person alone, or to the channel.
"""

import re

from bot.sandbox.acting.stage import Stage, answered
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
    if not name.startswith("/") or (known is not None and name not in known):
        raise RefusedError("no_such_command", f"{name} is not a valid command")
    if user not in place.members or place.archived:
        raise RefusedError("not_in_channel", f"{user} can't write in {place.id}")
    payload = stage.payloads.command(user, place, name, escaped(stage, user, rest.strip()))
    answer = await stage.line.deliver(Delivery("slash_commands", "command", payload))
    return {"channel": place.id, **answered(answer), **_shown(stage, user, place, answer)}


def escaped(stage: Stage, user: str, text: str) -> str:
    """The text as the bot gets it."""

    def replaced(match: re.Match[str]) -> str:
        known, name, channel = match.groups()
        if known or name:
            return _person(stage, match.group(), known, name)
        if channel:
            found = stage.workspace.conversations.named(channel)
            seen = found is not None and found.seen_by(user)
            return f"<#{found.id}|{found.name}>" if found and seen else match.group()
        return _ENTITIES[match.group()]

    return _MENTION.sub(replaced, text)


def _person(stage: Stage, typed: str, known: str | None, name: str | None) -> str:
    for person in stage.workspace.directory.everybody():
        if person.id == known or person.name == name:
            return f"<@{person.id}|{person.name}>"
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

"""What people type, as Slack hands it on.

Rules
- `@name`, `#channel`, `@group` and `@here` become mentions with their ids; `&`, `<` and `>` become
  entities. A channel that the person does not see stays as it was typed.
"""

import re

from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.config import Member
from bot.local_slack.state.mentions import BROADCASTS

_MENTION = re.compile(r"<@(\w+)(?:\|[^>]*)?>|(?<![\w@])@([\w.\-]+)|(?<![\w#])#([\w\-]+)|[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(context: ActContext, user: str, text: str, *, names: bool = True) -> str:
    """The text as the bot gets it; people with their `names` beside their ids, or without."""

    def replaced(match: re.Match[str]) -> str:
        known, name, channel = match.groups()
        if known or name:
            person = _person(context, known, name)
            if person is not None:
                return f"<@{person.id}|{person.name}>" if names else f"<@{person.id}>"
            return _group(context, match.group(), name)
        if channel:
            found = context.workspace.conversations.named(channel)
            seen = found is not None and found.seen_by(user)
            return f"<#{found.id}|{found.name}>" if found and seen else match.group()
        return _ENTITIES[match.group()]

    return _MENTION.sub(replaced, text)


def _person(context: ActContext, known: str | None, name: str | None) -> Member | None:
    everybody = context.workspace.directory.everybody()
    return next((p for p in everybody if p.id == known or p.name == name), None)


def _group(context: ActContext, typed: str, name: str | None) -> str:
    for group in context.workspace.directory.usergroups:
        if group.handle == name:
            return f"<!subteam^{group.id}|@{group.handle}>"
    if name in BROADCASTS:
        return f"<!{name}>"
    return "".join(_ENTITIES.get(letter, letter) for letter in typed)

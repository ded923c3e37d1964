"""Whom a message mentions: in its text, its blocks and its attachments.

Rules
- `plain_text`, and text in `rich_text`, mean what stands there: nothing in them is a mention.
- A broadcast and a user group mention everybody whom they reach.
"""

import re
from collections.abc import Iterable, Iterator

from bot.local_slack.config import Usergroup
from bot.local_slack.state.records import Message

BROADCASTS = ("here", "channel", "everyone")
_REFERENCE = re.compile(r"<([@!][^<>|]+)(?:\|[^<>]*)?>")
_IN_RICH_TEXT = {
    "user": ("@", "user_id"),
    "usergroup": ("!subteam^", "usergroup_id"),
    "broadcast": ("!", "range"),
}


def mentions(message: Message, user: str, usergroups: Iterable[Usergroup]) -> bool:
    """Whether the message mentions the user, by name or among others."""
    aimed = {f"@{user}", *(f"!{name}" for name in BROADCASTS)}
    aimed.update(f"!subteam^{group.id}" for group in usergroups if user in group.users)
    return not aimed.isdisjoint(_references(message))


def _references(message: Message) -> Iterator[str]:
    yield from _in_text(message.text)
    yield from _in_blocks(message.all_blocks)
    for attachment in message.attachments:
        fields = [field.get("value") for field in attachment.get("fields", [])]
        for text in (attachment.get("pretext"), attachment.get("text"), *fields):
            yield from _in_text(text)


def _in_text(text: object) -> Iterator[str]:
    yield from (match[1] for match in _REFERENCE.finditer(text if isinstance(text, str) else ""))


def _in_blocks(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _in_blocks(one)
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    if kind in ("mrkdwn", "markdown"):
        yield from _in_text(value.get("text"))
    elif isinstance(kind, str) and kind in _IN_RICH_TEXT:
        sign, name = _IN_RICH_TEXT[kind]
        yield f"{sign}{value.get(name)}"
    for one in value.values():
        yield from _in_blocks(one)

"""Words for Slack: outside text made harmless, moments, mentions, lengths.

Rules
- Outside text can neither mention, link nor reorder what stands around it: `&`, `<` and `>` are
  escaped, control and direction characters are dropped.
- What is cut is cut between characters: never inside an entity, a mention or a link.
- A moment is shown in the reader's time zone; where Slack can't, in UTC.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.clean_text import clean
from bot.domain.person import Person
from bot.measures.formatting import duration

Block = dict[str, Any]
View = dict[str, Any]

SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}", re.ASCII)
FALLBACK_TEXT = 1000  # what a notification may show; the blocks say the rest

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MENTION = re.compile(r"<@[A-Z][A-Z0-9]*>", re.ASCII)
_CUT_ENTITY = re.compile(r"&[a-z]{0,3}$")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: its blocks, and the text that a notification shows."""

    text: str
    blocks: list[Block]


def plain(text: str, most: int) -> str:
    """Outside text as one line for a `plain_text` object; `-` where nothing is left."""
    return shortened(" ".join(clean(text.replace("\t", " ")).split()), most) or "-"


def escape(text: str) -> str:
    """Outside text for mrkdwn, harmless, in its own lines."""
    return clean(text).translate(_ENTITIES)


def outside(text: str, most: int) -> str:
    """Outside text as one harmless line of mrkdwn, at most `most` characters."""
    return clip(escape(plain(text, most)), most)


def shortened(text: str, most: int) -> str:
    """Plain text in at most `most` characters, where `<` and `&` are only what they are."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def clip(text: str, most: int) -> str:
    """Text of mrkdwn in at most `most` characters, whole entities, mentions and links only."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    if cut.rfind("<") > cut.rfind(">"):
        cut = cut[: cut.rfind("<")]
    return _CUT_ENTITY.sub("", cut).rstrip() + "…"


def mention(user: str) -> str:
    """A mention of a Slack user; what is no Slack id is shown as a name."""
    return f"<@{user}>" if SLACK_ID.fullmatch(user) else outside(user, 100)


def person(who: Person) -> str:
    """A mention of somebody, or their name where they have no Slack account."""
    return mention(who.slack) if who.slack else _name(who)


def without_mentions(message: Rendered, people: Iterable[Person]) -> Rendered:
    """`message` with the names of `people` in the place of mentions, so that it calls none."""
    names = {f"<@{who.slack}>": _name(who) for who in people if who.slack}

    def said(text: str) -> str:
        return _MENTION.sub(lambda found: names.get(found[0], found[0]), text)

    def quiet(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [quiet(each) for each in value]
        if not isinstance(value, dict):
            return value
        parts = {key: quiet(part) for key, part in value.items()}
        return parts | {"text": said(value["text"])} if value.get("type") == "mrkdwn" else parts

    return Rendered(said(message.text), quiet(message.blocks)) if names else message


def _name(who: Person) -> str:
    """What somebody is called without a mention: as a file names them, or by their account."""
    _, colon, account = who.name.rpartition(":")
    return outside(account if colon else who.name[:1].upper() + who.name[1:], 100)


def utc(when: datetime) -> str:
    """A moment for where Slack formats nothing: `20 Nov 2026 13:00 UTC`."""
    return f"{when.astimezone(UTC):%d %b %Y %H:%M} UTC"


def date(when: datetime) -> str:
    """A moment in each reader's own time zone, such as `Today at 13:00`: no `on` or `at` before."""
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} at {{time}}|{utc(when)}>"


def long(length: timedelta) -> str:
    """A duration in words: `4 h`, `3.2 days`."""
    return duration(length.total_seconds())

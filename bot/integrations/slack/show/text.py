"""Words for Slack: outside text made harmless, moments, mentions, lengths.

Rules
- Outside text can neither mention, link, draw nor reorder what stands around it: whatever Slack
  gives a meaning to is made a literal, control and direction characters are dropped.
- What is cut is cut between characters: never inside a mention or a link.
- A moment is shown in the reader's time zone; where Slack can't, in UTC.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.clean_text import clean
from bot.domain.person import Person
from bot.integrations.slack.show.markup import mrkdwn
from bot.measures import safe_text
from bot.measures.formatting import duration
from bot.measures.safe_text import as_typed, literal

Block = dict[str, Any]
View = dict[str, Any]

SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}", re.ASCII)
FALLBACK_TEXT = 1000  # what a notification may show; the blocks say the rest

_MENTION = re.compile(r"<@([A-Z][A-Z0-9]*)>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: its blocks, and the text that a notification shows, made of the bot's words."""

    text: str
    blocks: list[Block]

    def __post_init__(self) -> None:
        # Of a message made from another's text nothing is changed by this: it is made once.
        object.__setattr__(self, "text", mrkdwn(self.text))


def plain(text: str, most: int) -> str:
    """Outside text as one line for a `plain_text` object; `-` where nothing is left."""
    return safe_text.plain(text, most) or "-"


def escape(text: str) -> str:
    """Outside text among the bot's words, harmless, in its own lines."""
    return literal(clean(text))


def outside(text: str, most: int) -> str:
    """Outside text as one harmless line among the bot's words, at most `most` characters."""
    return literal(plain(text, most))


def shortened(text: str, most: int) -> str:
    """Outside text in at most `most` characters, where `<` is only what it is."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def clip(text: str, most: int) -> str:
    """The bot's words in at most `most` characters, whole mentions and links only."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    if cut.rfind("<") > cut.rfind(">"):
        cut = cut[: cut.rfind("<")]
    return f"{cut.rstrip()}…"


def mention(user: str) -> str:
    """A mention of a Slack user; what is no Slack id is shown as a name."""
    return f"<@{user}>" if SLACK_ID.fullmatch(user) else outside(user, 100)


def person(who: Person) -> str:
    """A mention of somebody, or their name where they have no Slack account."""
    return mention(who.slack) if who.slack else name_of(who)


def without_mentions(message: Rendered, people: Iterable[Person]) -> Rendered:
    """`message` with the names of `people` in the place of mentions, so that it calls none."""
    names = {who.slack: name_of(who) for who in people if who.slack}

    def said(text: str) -> str:
        return _MENTION.sub(lambda found: mrkdwn(names.get(found[1], found[0])), text)

    def quiet(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [quiet(each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.get("type") == "user" and value.get("user_id") in names:
            style = {"style": value["style"]} if "style" in value else {}
            return {"type": "text", "text": as_typed(names[value["user_id"]]), **style}
        parts = {key: quiet(part) for key, part in value.items()}
        return parts | {"text": said(value["text"])} if value.get("type") == "mrkdwn" else parts

    return Rendered(said(message.text), quiet(message.blocks)) if names else message


def name_of(who: Person) -> str:
    """What somebody is called without a mention: as a file names them, or by their account."""
    _, colon, account = who.name.rpartition(":")
    return outside(account if colon else who.name[:1].upper() + who.name[1:], 100)


def utc(when: datetime) -> str:
    """A moment for where Slack formats nothing: `20 Nov 2026 13:00 UTC`."""
    return f"{when.astimezone(UTC):%d %b %Y %H:%M} UTC"


def date(when: datetime) -> str:
    """A moment in each reader's own time zone, such as `Today at 13:00`: no `on` or `at` before."""
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} at {{time}}|{utc(when)}>"


def ago(when: datetime) -> str:
    """How long it is until a moment, or since, as each reader's clock has it: `in 4 hours`."""
    return f"<!date^{int(when.timestamp())}^{{ago}}|{utc(when)}>"


def long(length: timedelta) -> str:
    """A duration in words: `4 h`, `3.2 days`."""
    return duration(length.total_seconds())

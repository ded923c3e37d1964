"""Block Kit in the few shapes that are used here, each within its limits.

Rules
- Paragraphs are rich text, which Slack doesn't parse. Where that can't stand, mrkdwn is `verbatim`
  (Slack turns nothing in it into a link or a mention by itself), and plain text draws no emoji.
- Slack also refuses a message whose blocks are too long together (`msg_blocks_too_long`, from
  about 12,000 characters on): there are levels of detail, and the fullest that fits is sent. Where
  none does, a room's longest paragraphs are left out, and the message says so: its forms show all
  that is decided on.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic_core import to_json

from bot.domain.clean_text import clean
from bot.integrations.slack.show.markup import elements, mrkdwn
from bot.integrations.slack.show.text import Block, clip, shortened
from bot.measures.safe_text import as_typed, literal

VIEW_BLOCKS = 100
SECTION_TEXT = 3000
CONTEXT_TEXT = 2000
HEADER_TEXT = 150
OPTION_TEXT = 75
OPTIONS = 100
MESSAGE_SIZE = 11_000
FIRST = 2  # blocks that say how it stands and what happened: they are always there
LEFT_OUT = "Some of it is too long to be shown here."


@dataclass(frozen=True, slots=True)
class Detail:
    """How much a message shows: how many joined violations, how long each text."""

    joined: int
    line: int
    links: int
    quote: int


LEVELS = (
    Detail(joined=5, line=160, links=1500, quote=3000),
    Detail(joined=3, line=100, links=1000, quote=1500),
    Detail(joined=0, line=60, links=500, quote=600),
    Detail(joined=0, line=60, links=300, quote=150),
)


def fitting(render: Callable[[Detail], list[Block]], *, leaves_out: bool = False) -> list[Block]:
    """The blocks with the most detail that Slack takes in one message.

    With `leaves_out` the longest paragraphs may go where none is short enough.
    """
    blocks: list[Block] = []
    for detail in LEVELS:
        blocks = render(detail)
        if _size(blocks) <= MESSAGE_SIZE:
            break
    else:
        return _without_the_longest(blocks) if leaves_out else blocks
    return blocks


def _without_the_longest(blocks: list[Block]) -> list[Block]:
    shown = [*blocks[:-1], context(LEFT_OUT), blocks[-1]]
    while _size(shown) > MESSAGE_SIZE:
        paragraphs = [block for block in shown[FIRST:] if block["type"] == "rich_text"]
        if not paragraphs:
            break
        longest = max(paragraphs, key=lambda block: len(to_json(block)))
        shown = [block for block in shown if block is not longest]
    return shown


def _size(blocks: list[Block]) -> int:
    """The characters of their JSON, or more: nearly all fit by far, and that is known sooner."""
    text = to_json(blocks)
    most = len(text) + text.count(b",") + text.count(b":")
    if most <= MESSAGE_SIZE:
        return most
    return len(json.dumps(blocks, ensure_ascii=False))


def header(text: str) -> Block:
    """A headline of the bot's own words, which may draw emoji."""
    shown = clip(mrkdwn(text), HEADER_TEXT)
    return {"type": "header", "text": {"type": "plain_text", "text": shown}}


def section(text: str) -> Block:
    """A paragraph of the bot's words."""
    return _rich(_part("section", clip(text, SECTION_TEXT)))


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines of the bot's words, in as many paragraphs as they need."""
    paragraphs: list[str] = []
    for line in (clip(line, SECTION_TEXT) for line in lines):
        if paragraphs and len(paragraphs[-1]) + 1 + len(line) <= SECTION_TEXT:
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line)
    return [section(text) for text in paragraphs if text]


def quoted(label: str, text: str, most: int | None = None) -> list[Block]:
    """A label, and outside `text` under it, in full unless `most` is given."""
    text = clean(text).strip()
    text = text if most is None else shortened(text, most)
    return [_rich(_part("section", label), *([_part("quote", literal(text))] if text else []))]


def code(label: str, lines: Iterable[str]) -> list[Block]:
    """A label, and outside lines of code under it, of which nothing is drawn."""
    text = "\n".join(clean(line).replace("\n", " ") for line in lines)
    shown = {"type": "rich_text_preformatted", "elements": elements(literal(text))}
    return [_rich(_part("section", label), *([shown] if text.strip() else []))]


def context(text: str) -> Block:
    """A small line of the bot's words."""
    element = {"type": "mrkdwn", "text": mrkdwn(clip(text, CONTEXT_TEXT)), "verbatim": True}
    return {"type": "context", "elements": [element]}


def actions(elements: list[Block], block_id: str | None = None) -> list[Block]:
    """A row of buttons; no block where there is none."""
    named = {"block_id": block_id} if block_id else {}
    return [{"type": "actions", "elements": elements, **named}] if elements else []


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def option(text: str, value: str) -> Block:
    """A choice in a menu; `text` is plain."""
    return {"text": words(shortened(text, OPTION_TEXT)), "value": value}


def words(text: str) -> Block:
    """A `plain_text` object, in which nothing is drawn."""
    return {"type": "plain_text", "text": as_typed(text), "emoji": False}


def _rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def _part(kind: str, text: str) -> Block:
    return {"type": f"rich_text_{kind}", "elements": elements(text)}

"""Block Kit in the few shapes that are used here, each within its limits.

Rules
- mrkdwn is `verbatim`: Slack turns nothing in it into a link or a mention by itself.
- Long outside text is `plain_text` in pieces, shown in full and never parsed.
- Slack also refuses a message whose blocks are too long together (`msg_blocks_too_long`, from
  about 12,000 characters on): there are levels of detail, and the fullest that fits is sent.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.domain.clean_text import clean
from bot.integrations.slack.show.text import Block, clip, shortened

VIEW_BLOCKS = 100
SECTION_TEXT = 3000
CONTEXT_TEXT = 2000
HEADER_TEXT = 150
OPTION_TEXT = 75
OPTIONS = 100
MESSAGE_SIZE = 11_000
_PIECE = 1500  # whatever Slack counts, characters or UTF-16 units, this is within 3000


@dataclass(frozen=True, slots=True)
class Detail:
    """How much a message shows: how many facts and joined violations, how long each text."""

    facts: int
    joined: int
    line: int
    text: int
    links: int
    quote: int


DETAILS = (
    Detail(facts=12, joined=10, line=160, text=1500, links=3000, quote=3000),
    Detail(facts=8, joined=5, line=100, text=300, links=1500, quote=3000),
    Detail(facts=0, joined=0, line=60, text=0, links=500, quote=1000),
    Detail(facts=0, joined=0, line=60, text=0, links=500, quote=200),
)


def fitting(render: Callable[[Detail], list[Block]]) -> list[Block]:
    """The blocks with the most detail that Slack takes in one message."""
    blocks: list[Block] = []
    for detail in DETAILS:
        blocks = render(detail)
        if len(json.dumps(blocks, ensure_ascii=False)) <= MESSAGE_SIZE:
            break
    return blocks


def header(text: str) -> Block:
    """A headline; `text` is plain."""
    return {"type": "header", "text": words(shortened(text, HEADER_TEXT))}


def section(text: str) -> Block:
    """A paragraph of mrkdwn."""
    return {"type": "section", "text": _mrkdwn(clip(text, SECTION_TEXT))}


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines of mrkdwn, in as many paragraphs as they need."""
    paragraphs: list[str] = []
    for line in (clip(line, SECTION_TEXT) for line in lines):
        if paragraphs and len(paragraphs[-1]) + 1 + len(line) <= SECTION_TEXT:
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line)
    return [section(text) for text in paragraphs if text]


def quoted(label: str, text: str, most: int | None = None) -> list[Block]:
    """A label in mrkdwn, and outside `text` under it, in full unless `most` is given."""
    text = clean(text.replace("\t", " ")).strip()
    text = text if most is None else shortened(text, most)
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    shown = [piece for piece in pieces if piece.strip()]
    return [section(label), *({"type": "section", "text": words(piece)} for piece in shown)]


def context(text: str) -> Block:
    """A small line of mrkdwn."""
    return {"type": "context", "elements": [_mrkdwn(clip(text, CONTEXT_TEXT))]}


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
    """A `plain_text` object."""
    return {"type": "plain_text", "text": text}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}

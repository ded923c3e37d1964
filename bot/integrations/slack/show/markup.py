"""The bot's words for Slack: what they draw, and what others have written in them.

Rules
- The bot writes with Slack's marks: `*bold*`, `~struck~`, code in backticks, `<@U…>`, `<#C…>`,
  `<address|label>`, `<!date^…>`. Outside text has private characters in the place of marks (see
  `safe_text`); they become what was typed, so that nothing from outside is ever parsed.
- `elements` gives rich text, which Slack doesn't parse: it is used wherever that may stand.
- `mrkdwn` is for where Slack parses: notifications, topics, small lines. There a character from
  outside that could draw something is shown by one that looks like it.
- A style ends with its line.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from bot.measures.safe_text import LITERALS, as_typed

Element = dict[str, Any]

_PART = re.compile(
    r"<(?P<reference>[^<>\n]+)>|`(?P<code>[^`\n]*)`|(?P<mark>[*~])|(?P<words>\n|[^<`*~\n]+|.)"
)
_STYLES = {"*": "bold", "~": "strike"}
_DATE = re.compile(r"!date\^(?P<unix>\d+)\^(?P<format>[^|^]*)\|(?P<fallback>.*)")

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOK_ALIKES = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb", ":": "\ua789"}
_TYPED = {private: typed for typed, private in LITERALS.items()}
_PRIVATE = re.compile(f"[{''.join(_TYPED)}]")
_COLON = LITERALS[":"]
_EMOJI_BEGINS = re.compile(f"{_COLON}(?=[^\\s{_COLON}]+{_COLON})")
_QUOTE_BEGINS = re.compile(f"^{LITERALS['>']}", re.MULTILINE)
_QUOTE = "\u203a"
_LINKED = re.compile(f"(?<=<)https?{_COLON}//[^<>|\n]+")  # Slack draws nothing in an address


def elements(text: str) -> list[Element]:
    """The bot's words as the elements of a `rich_text_section`."""
    return [dict(each) for each in _merged(text)]


@lru_cache(maxsize=256)  # a room's three pages and its card have most of their words in common
def _merged(text: str) -> list[Element]:
    found: list[Element] = []
    for element in _parsed(text):
        last = found[-1] if found else {}
        if last.get("type") == element["type"] == "text" and _style(last) == _style(element):
            last["text"] += element["text"]
        else:
            found.append(element)
    return found


def mrkdwn(text: str) -> str:
    """The bot's words for where Slack parses them."""
    text = _LINKED.sub(lambda address: as_typed(address[0]).replace("&", "&amp;"), text)
    text = _QUOTE_BEGINS.sub(_QUOTE, _EMOJI_BEGINS.sub(_LOOK_ALIKES[":"], text))
    return _PRIVATE.sub(_unparsed, text)


def _unparsed(found: re.Match[str]) -> str:
    typed, text = _TYPED[found[0]], found.string
    if typed in _ENTITIES:
        return _ENTITIES[typed]
    # Slack draws at the edges of words only, but for backticks.
    inside = text[: found.start()][-1:].isalnum() and text[found.end() :][:1].isalnum()
    return typed if typed == ":" or (inside and typed != "`") else _LOOK_ALIKES[typed]


def _parsed(text: str) -> Iterator[Element]:
    styles: frozenset[str] = frozenset()
    for part in _PART.finditer(text):
        match part.lastgroup:
            case "mark":
                styles ^= {_STYLES[part["mark"]]}
            case "reference":
                yield _styled(_reference(part["reference"]), styles)
            case "code" if part["code"]:
                yield _styled(_text(part["code"]), styles | {"code"})
            case "words":
                styles = frozenset() if part["words"] == "\n" else styles
                yield _styled(_text(part["words"]), styles)


def _reference(inside: str) -> Element:
    name = inside[1:]
    if inside[0] == "@":
        return {"type": "user", "user_id": name}
    if inside[0] == "#":
        return {"type": "channel", "channel_id": name}
    if date := _DATE.fullmatch(inside):
        unix, fallback = int(date["unix"]), as_typed(date["fallback"])
        return {"type": "date", "timestamp": unix, "format": date["format"], "fallback": fallback}
    address, _, label = inside.partition("|")
    return {"type": "link", "url": as_typed(address), "text": as_typed(label or address)}


def _text(words: str) -> Element:
    return {"type": "text", "text": as_typed(words)}


def _styled(element: Element, styles: frozenset[str]) -> Element:
    return element | {"style": dict.fromkeys(sorted(styles), True)} if styles else element


def _style(element: Element) -> object:
    return element.get("style")

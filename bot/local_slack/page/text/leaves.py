"""The leaves of every format: escaped words, emoji, links.

Rules
- Slack has three entities, `&amp;`, `&lt;` and `&gt;`, and decodes each once.
- Emoji go by Slack's names; an unknown name stays as it was typed.
- Half a surrogate pair, which no page can carry, is replaced.
"""

import re

from emoji import emojize, is_emoji
from markupsafe import Markup, escape

BREAK = Markup("<br>")

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
_INDENT = re.compile(r"^ +", re.MULTILINE)
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

# Slack's own names, which the emoji library doesn't know.
_OWN = re.compile(r":(?:flag-([a-z]{2})|skin-tone-([2-6])|large_([a-z]+_(?:circle|square))):")
_REGION = 0x1F1E6 - ord("a")
_TONE = 0x1F3FB - 2


def plain(text: str, *, emoji: bool = True) -> Markup:
    """`plain_text`: escaped, in its own lines, with emoji unless they are switched off."""
    return lines(text, emoji=emoji)


def words(text: str, *, emoji: bool = True) -> Markup:
    """Text without any markup."""
    whole = sound(text)
    return escape(faces(whole) if emoji else whole)


def lines(text: str, *, emoji: bool = True) -> Markup:
    """Text without any markup, in its own lines and indented as it is."""
    shown = words(indented(text.replace("\r\n", "\n")), emoji=emoji)
    return BREAK.join(Markup(line) for line in shown.split("\n"))  # noqa: S704 - escaped above


def sound(text: str) -> str:
    """`text` as a page can carry it."""
    return text.encode("utf-8", "replace").decode()


def indented(text: str) -> str:
    """`text` with spaces that a browser keeps where a line begins."""
    return _INDENT.sub(lambda found: _NO_BREAK_SPACE * len(found.group()), text)


def decoded(text: str) -> str:
    """What the sender has escaped, as it is meant."""
    return _ENTITY.sub(lambda found: _CHARACTERS[found.group(1)], text)


def faces(text: str) -> str:
    """`text` with emoji in the place of their names."""
    return emojize(_OWN.sub(_own, text), language="alias")


def linkable(address: str) -> bool:
    """Whether an address may be linked to."""
    return _ADDRESS.fullmatch(address) is not None


def link(address: str, label: str | Markup) -> Markup:
    """A link; `address` has to be linkable, `label` is escaped unless it is markup."""
    opening = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">')
    opening = opening.format(sound(address))
    return Markup("{}{}</a>").format(opening, label)


def _own(found: re.Match[str]) -> str:
    region, tone, colored = found.groups()
    if tone:
        return chr(_TONE + int(tone))
    if colored:
        shown = emojize(f":{colored}:", language="alias")
    else:
        shown = "".join(chr(_REGION + ord(letter)) for letter in region)
    return shown if is_emoji(shown) else str(found.group())

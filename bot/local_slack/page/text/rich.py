"""`rich_text` blocks: the format of Slack's own composer.

Rules
- The block's content was checked by nobody: what is not understood is left out.
- Text is meant as it stands: no entities, no names of emoji, no marks.
- Lists of deeper levels follow each other in Slack; each says its level as `indent-N`.
"""

from collections.abc import Callable
from typing import Any

from emoji import is_emoji
from markupsafe import Markup

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text import references
from bot.local_slack.page.text.leaves import lines, link, linkable, words

_DEEPEST = 8
_MOST = 9999
_SECTIONS = {
    "rich_text_section": Markup("<p>{}</p>"),
    "rich_text_preformatted": Markup("<pre>{}</pre>"),
    "rich_text_quote": Markup("<blockquote>{}</blockquote>"),
}
_STYLES = {
    "code": Markup("<code>{}</code>"),
    "bold": Markup("<b>{}</b>"),
    "italic": Markup("<i>{}</i>"),
    "strike": Markup("<s>{}</s>"),
    "underline": Markup("<u>{}</u>"),
}


def rich_text(block: dict[str, Any], reader: Reader) -> Markup:
    """The block as `reader` sees it."""
    return Markup().join(_part(part, reader) for part in _inside(block))


def _part(part: object, reader: Reader) -> Markup:
    if not isinstance(part, dict):
        return Markup()
    kind = str(part.get("type"))
    if kind == "rich_text_list":
        return _items(part, reader)
    return _SECTIONS[kind].format(_inline(_inside(part), reader)) if kind in _SECTIONS else Markup()


def _items(part: dict[str, object], reader: Reader) -> Markup:
    tag = "ol" if part.get("style") == "ordered" else "ul"
    start = Markup(' start="{}"').format(_count(part, "offset") + 1) if tag == "ol" else ""
    level = min(_count(part, "indent"), _DEEPEST)
    shown = (Markup("<li>{}</li>").format(_inline(_inside(item), reader)) for item in _inside(part))
    whole = Markup('<{tag} class="indent-{level}"{start}>{items}</{tag}>')
    return whole.format(tag=tag, level=level, start=start, items=Markup().join(shown))


def _inline(elements: list[object], reader: Reader) -> Markup:
    return Markup().join(_element(element, reader) for element in elements)


def _element(element: object, reader: Reader) -> Markup:
    if not isinstance(element, dict):
        return Markup()
    shown = _content(element, reader)
    styles = element.get("style")
    if not shown or not isinstance(styles, dict):
        return shown
    for name, style in _STYLES.items():
        shown = style.format(shown) if styles.get(name) is True else shown
    return shown


def _content(element: dict[str, object], reader: Reader) -> Markup:
    match element:
        case {"type": "text", "text": str(text)} | {"type": "color", "value": str(text)}:
            return lines(text, emoji=False)
        case {"type": "link", "url": str(address)}:
            return _link(address, element.get("text"))
        case {"type": "date", "timestamp": int(unix), "format": str(form)}:
            return _moment(unix, form, element, reader)
        case {"type": "emoji", "name": str(name)}:
            return _emoji(name, element.get("unicode"))
        case {"type": "broadcast", "range": str(name)} if name in references.BROADCASTS:
            return references.broadcast(name)
    return _mention(element, reader)


_MENTIONS: dict[str, tuple[str, Callable[[str, Reader], Markup]]] = {
    "user": ("user_id", references.person),
    "channel": ("channel_id", references.channel),
    "usergroup": ("usergroup_id", references.usergroup),
}


def _mention(element: dict[str, object], reader: Reader) -> Markup:
    key, shown = _MENTIONS.get(str(element.get("type")), ("", None))
    named = element.get(key)
    return shown(named, reader) if shown is not None and isinstance(named, str) else Markup()


def _link(address: str, text: object) -> Markup:
    label = words(text if isinstance(text, str) and text else address, emoji=False)
    return link(address, label) if linkable(address) else label


def _moment(unix: int, form: str, element: dict[str, object], reader: Reader) -> Markup:
    address, fallback = str(element.get("url") or ""), str(element.get("fallback") or "")
    return references.moment(unix, form, address, fallback, reader) or Markup()


def _emoji(name: str, code: object) -> Markup:
    """The emoji of this name, else of this code: `1f44b-1f3fd`."""
    shown = words(f":{name}:")
    if shown != f":{name}:" or not isinstance(code, str):
        return shown
    try:
        face = "".join(chr(int(part, 16)) for part in code.split("-"))
    except (ValueError, OverflowError):
        return shown
    return words(face) if is_emoji(face) else shown


def _inside(whole: object) -> list[object]:
    match whole:
        case {"elements": list(elements)}:
            return elements
    return []


def _count(part: dict[str, object], name: str) -> int:
    value = part.get(name)
    return min(max(value, 0), _MOST) if isinstance(value, int) else 0

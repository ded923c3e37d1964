"""What blocks say, in words: for tests and for whoever reads along.

Rules
- A text is a line. In `rich_text` a section, a quote and preformatted text are a line each.
- People, channels, links, moments and emoji in `rich_text` read as mrkdwn writes them; how words
  are styled is left out.
"""

from collections.abc import Iterator

from bot.local_slack.state.records import Json

_WRITTEN = {
    "text": ("{}", "text"),
    "color": ("{}", "value"),
    "emoji": (":{}:", "name"),
    "user": ("<@{}>", "user_id"),
    "channel": ("<#{}>", "channel_id"),
    "usergroup": ("<!subteam^{}>", "usergroup_id"),
    "broadcast": ("<!{}>", "range"),
}
_LINES = frozenset({"rich_text_section", "rich_text_quote", "rich_text_preformatted"})


def block_words(value: object) -> str:
    """All text in some blocks, a view or a part of them."""
    return "\n".join(_lines(value))


def _lines(value: object) -> Iterator[str]:
    inside: list[object] = []
    if isinstance(value, dict):
        if value.get("type") in _LINES:
            yield "".join(_inline(element) for element in value["elements"])
            return
        if isinstance(value.get("text"), str):
            yield value["text"]
        inside = list(value.values())
    elif isinstance(value, list):
        inside = value
    for one in inside:
        yield from _lines(one)


def _inline(element: Json) -> str:
    """One element of rich text."""
    if element["type"] == "link":
        label = element.get("text")
        return f"<{element['url']}|{label}>" if label else f"<{element['url']}>"
    if element["type"] == "date":
        link = f"^{element['url']}" if element.get("url") else ""
        moment = f"{element['timestamp']}^{element['format']}{link}"
        return f"<!date^{moment}|{element.get('fallback') or ''}>"
    form, field = _WRITTEN[element["type"]]
    return form.format(element[field])

"""`rich_text`: the format of Slack's own composer, in which no text is parsed.

Rules
- Sections, lists of sections, quotes and preformatted text stand in it; words, links, mentions,
  emoji, moments and colours stand in those.
- No text is empty, and nothing that holds elements is without one.
- In preformatted text there are words and links only.
- Slack publishes no longest text, latest moment or highest offset: those here are only out of
  the way.
"""

from bot.local_slack.blockkit.objects import identifier, url
from bot.local_slack.blockkit.rules import Rule, array, flag, record, string, variant, whole

_MOST, _DEEPEST, _FAR = 1000, 8, 10**12
_words = string(40_000)
_MARKS: dict[str, Rule] = dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag)
_STYLE = {"style": record(None, _MARKS)}
_OF_MENTIONS = dict.fromkeys(("highlight", "client_highlight", "unlink"), flag)
_MENTION_STYLE = {"style": record(None, {**_MARKS, **_OF_MENTIONS})}

_WORDS: dict[str, Rule] = {
    "text": record({"text": _words}, _STYLE),
    "link": record({"url": url}, {**_STYLE, "text": _words, "unsafe": flag}),
}
_INLINE: dict[str, Rule] = {
    **_WORDS,
    "broadcast": record(
        {"range": string(8, choices=("channel", "everyone", "here"))}, _MENTION_STYLE
    ),
    "channel": record({"channel_id": identifier}, _MENTION_STYLE),
    "color": record({"value": string(9)}, _STYLE),
    "date": record(
        {"timestamp": whole(0, _FAR), "format": _words}, {**_STYLE, "url": url, "fallback": _words}
    ),
    "emoji": record(
        {"name": string(100)}, {**_STYLE, "unicode": string(100), "skin_tone": whole(1, 6)}
    ),
    "user": record({"user_id": identifier}, _MENTION_STYLE),
    "usergroup": record({"usergroup_id": identifier}, _MENTION_STYLE),
}
_BORDER = {"border": whole(0, 1)}
_section = record({"elements": array(variant(_INLINE), _MOST)})
_PARTS: dict[str, Rule] = {
    "rich_text_section": _section,
    "rich_text_list": record(
        {
            "style": string(7, choices=("bullet", "ordered")),
            "elements": array(variant({"rich_text_section": _section}), _MOST),
        },
        {**_BORDER, "indent": whole(0, _DEEPEST), "offset": whole(0, _FAR)},
    ),
    "rich_text_preformatted": record({"elements": array(variant(_WORDS), _MOST)}, _BORDER),
    "rich_text_quote": record({"elements": array(variant(_INLINE), _MOST)}, _BORDER),
}
RICH_TEXT: Rule = record({"elements": array(variant(_PARTS), _MOST)}, {"block_id": identifier})
"""What follows `"type": "rich_text"`, as a block, in a cell and as what an input begins with."""

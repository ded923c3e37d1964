"""Outside text made fit to be read: nothing in it rings, hides or reorders what is around it.

Whatever leaves the bot for a reader goes through here: to Slack, to a pipeline, into a log.
"""

import re
import unicodedata
from typing import Any

# What a database's text can't hold: NUL, and half a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_HARMFUL = frozenset({"Cc", "Cf", "Co", "Cs"})
_LINE_END = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def clean(text: str) -> str:
    """`text` without control, direction and invisible characters.

    Line ends of every kind become a newline; a tab becomes a blank.
    """
    if text.isascii() and text.isprintable():  # as most are: a tenth of the time
        return text
    return "".join(
        c
        for c in _LINE_END.sub("\n", text).replace("\t", " ")
        if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _HARMFUL
    )


def line(text: str) -> str:
    """The same in one line, without blanks at its ends."""
    return " ".join(clean(text).split())


def cleaned(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value of JSON with all that is text in it clean, keys too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(part) for key, part in value.items()}
    return [cleaned(part) for part in value] if isinstance(value, list | tuple) else value

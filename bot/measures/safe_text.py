"""Text from outside, made safe to show: names and titles come with violations.

Rules:
- On a terminal: one line, no control characters.
- In Slack: besides, a private character stands in the place of each that Slack gives a meaning to,
  so that it can neither mention nor link nor draw. Whoever hands it to Slack puts back what was
  typed, where nothing is parsed any more.
"""

from itertools import zip_longest

from bot.domain.clean_text import line

WIDTH = 60
# From outside there are none of these: what is private to somebody is no text to others.
LITERALS = {typed: chr(0xE000 + ord(typed)) for typed in "&<>*_~`:"}

_TO_PRIVATE = str.maketrans(LITERALS)
_TO_TYPED = str.maketrans({private: typed for typed, private in LITERALS.items()})


def plain(text: str, width: int = WIDTH) -> str:
    """Return `text` as one line of at most `width` harmless characters."""
    whole = line(text)
    return whole if len(whole) <= width else f"{whole[: width - 1]}…"


def for_slack(text: str, width: int = WIDTH) -> str:
    """Return `text` as one line of at most `width` characters, literal among words for Slack."""
    return literal(plain(text, width))


def literal(text: str) -> str:
    """Return clean `text` with a private character for each that Slack gives a meaning to."""
    return text.translate(_TO_PRIVATE)


def as_typed(text: str) -> str:
    """Return what was typed: `text` with nothing private in it any more."""
    # What is private is no ASCII; to look for it in each text was a hundredth of a message's cost.
    return text if text.isascii() else text.translate(_TO_TYPED)


def columns(rows: list[list[str]]) -> list[str]:
    """Return a line for each row, cells aligned to the left; a short row ends early."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]

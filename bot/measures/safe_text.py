"""Text from outside, made safe to show: names and titles come with violations.

Rules:
- On a terminal: one line, no control characters.
- In Slack: besides, `&`, `<` and `>` are escaped, so that it can neither mention nor link.
"""

from itertools import accumulate, zip_longest

WIDTH = 60
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plain(text: str, width: int = WIDTH) -> str:
    """Return `text` as one line of at most `width` printable characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def mrkdwn(text: str, width: int = WIDTH) -> str:
    """Return `text` as one line of Slack mrkdwn of at most `width` characters, escapes included."""
    escaped = [ESCAPES.get(c, c) for c in plain(text, width)]
    if sum(map(len, escaped)) <= width:
        return "".join(escaped)
    lengths = accumulate(map(len, escaped))
    return "".join(c for c, end in zip(escaped, lengths, strict=True) if end < width) + "…"


def columns(rows: list[list[str]]) -> list[str]:
    """Return a line for each row, cells aligned to the left; a short row ends early."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]

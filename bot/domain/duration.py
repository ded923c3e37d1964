"""Durations as people write them: `90s`, `15m`, `4h`, `2d`."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FORM = re.compile(r"^\s*(\d{1,6})\s*([smhd])\s*$")

NEEDED = "a duration such as 90s, 15m, 4h or 2d"


def parse(text: str) -> timedelta:
    """The duration that `text` names; ValueError says what was found and what is needed."""
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"found {text!r}, need {NEEDED}")
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not length:
        raise ValueError(f"found {text!r}, need {NEEDED}, longer than nothing")
    return length


def since(text: str, now: datetime) -> datetime:
    """The moment that `text` names: so long before `now`, or a day or time (UTC unless it says).

    ValueError for what names none, OverflowError for longer ago than there are dates.
    """
    if _FORM.match(text):
        return now - parse(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def text(length: timedelta) -> str:
    """`length` in the largest unit that says it exactly: 14400 s is `4h`, 5400 s is `90m`."""
    seconds = round(length.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"

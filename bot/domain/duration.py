"""Durations: in files `90s`, `15m`, `4h`, `2d`; by hand as people write them, such as `1h30`.

Rules
- A file has one strict form. Whatever else a person may mean is read by `typed`, and by it alone.
- What we print, in words or in letters, is read back as the same.
"""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FORM = re.compile(r"^\s*(\d{1,6})\s*([smhd])\s*$")

NEEDED = "a duration such as 90s, 15m, 4h or 2d"
TYPED = "a duration such as 90 min, 1h30, 2 hours or half a day"

_NUMBER = r"(?P<number>\d{1,9}(?:[.,]\d{1,3})?|half an?|an?)"
_UNIT = (
    r"(?:(?P<weeks>w|weeks?)|(?P<days>d|days?)|(?P<hours>h|hrs?|hours?)"
    r"|(?P<minutes>m|mins?|minutes?)|(?P<seconds>s|secs?|seconds?))"
)
_PART = re.compile(rf"{_NUMBER}\s*{_UNIT}(?![a-z])(?:\s*,?\s*(?:and\s+)?(?=\S)|$)", re.ASCII)
_HOURS_AND_MINUTES = re.compile(r"(\d{1,6})h([0-5]\d)", re.ASCII)
_NUMBERS = {"a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5}


def parse(text: str) -> timedelta:
    """The duration that `text` names; ValueError says what was found and what is needed."""
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"found {text!r}, need {NEEDED}")
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not length:
        raise ValueError(f"found {text!r}, need {NEEDED}, longer than nothing")
    return length


def typed(text: str) -> timedelta:
    """The duration that a person wrote: `90 min`, `1h30`, `2 hours`, `1 day and 4 hours`.

    ValueError says what was found and what is needed.
    """
    words = " ".join(text.lower().split())
    if glued := _HOURS_AND_MINUTES.fullmatch(words):
        words = f"{glued[1]} h {glued[2]} min"
    length, at = timedelta(0), 0
    while at < len(words):
        part = _PART.match(words, at)
        if part is None or part.end() == at:
            raise ValueError(f"found {text!r}, need {TYPED}")
        number = part["number"].replace(",", ".")
        value = _NUMBERS.get(number) or float(number)
        try:
            length += timedelta(**{part.lastgroup or "": value})
        except OverflowError as error:
            raise ValueError(f"found {text!r}, which is longer than there are dates") from error
        at = part.end()
    if not length:
        raise ValueError(f"found {text!r}, need {TYPED}, longer than nothing")
    return length


def since(text: str, now: datetime) -> datetime:
    """The moment that `text` names: so long before `now`, or a day or time (UTC unless it says).

    ValueError for what names none, OverflowError for longer ago than there are dates.
    """
    try:
        return now - typed(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def text(length: timedelta) -> str:
    """`length` in the largest unit that says it exactly: 14400 s is `4h`, 5400 s is `90m`."""
    seconds = round(length.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"

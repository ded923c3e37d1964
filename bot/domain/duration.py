"""Durations: in files `90s`, `15m`, `4h`, `2d`; by hand as people write them, such as `1h30`.

Rules
- A file has one strict form. Whatever else a person may mean is read by `typed`, and by it alone.
- What we print, in words or in letters, is read back as the same.
"""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_FORM = re.compile(r"^\s*(\d{1,6})\s*([smhd])\s*$")

NEEDED = "a duration such as 90s, 15m, 4h or 2d"
TYPED = "a duration such as 90 min, 1h30, 2 hours or half a day"

COUNTS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_NUMBERS = dict.fromkeys(("half", "half a", "half an", "a half"), 0.5) | {"a": 1.0, "an": 1.0}
_NUMBERS |= {word: float(count) for count, word in enumerate(COUNTS, 1)}
UNIT = "w|weeks?|d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?"
# A number in letters stands first, or behind a comma or "and", and never before a mere letter or
# seconds: "2 hours as", "2 hours a day" and "a second opinion" have none.
_PART = re.compile(
    r"(?:(?P<digits>\d{1,9}(?:[.,]\d{1,3})?)"
    rf"|(?:^|(?<=and )|(?<=, ))(?P<letters>{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
    r"(?=(?: and a half)? [wdhm][a-z]))"
    rf"(?P<half> and a half)? ?(?P<unit>{UNIT})(?![a-z])(?P<half_more> and a half)?"
    r"(?:,? ?(?:and )?(?=\S)|$)",
    re.ASCII,
)
_HOURS_AND_MINUTES = re.compile(r"(\d{1,6})h([0-5]\d)", re.ASCII)


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
    """The duration that a person wrote: `90 min`, `1h30`, `two hours`, `1 day and 4 hours`.

    Its units come the larger first, each once. ValueError says what was found and what is needed.
    """
    words = " ".join(text.lower().split())
    if glued := _HOURS_AND_MINUTES.fullmatch(words):
        words = f"{glued[1]} h {glued[2]} min"
    length, at, smaller = timedelta(0), 0, "".join(_UNITS)
    while at < len(words):
        part = _PART.match(words, at)
        _, unit, smaller = smaller.partition(part["unit"][0] if part else " ")
        if part is None or not unit:
            raise ValueError(f"found {text!r}, need {TYPED}")
        digits = part["digits"]
        value = float(digits.replace(",", ".")) if digits else _NUMBERS[part["letters"]]
        if part["half"] or part["half_more"]:
            value += 0.5
        try:
            length += timedelta(**{_UNITS[unit]: value})
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


def words(length: timedelta) -> str:
    """`length` in words, to the second: 5400 s is `1 h 30 min`, 97201 s `1 day 3 h 1 s`."""
    seconds, parts = round(length.total_seconds()), []
    if seconds < 0:
        return f"-{words(-length)}"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append("1 day" if (count, unit) == (1, "days") else f"{count} {unit}")
    return " ".join(parts) or "0 s"

"""Slack's tokens for a moment, in English, where the reader is.

Rules
- The clock has twelve hours, and the numeric date begins with the month: Slack's default.
- The year is left out within six months.
- A pretty day that begins the text begins with a capital: `Today at 2:30 PM`, `due today`.
- A token that Slack doesn't have stays as it was typed.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.local_slack.page.page_reader import Reader

_TOKEN = re.compile(r"\{(\w+)\}")
_NEAR = timedelta(days=183)
_NOON = 12
_TEENS = range(11, 14)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_UNITS = (
    ("year", 365 * 86_400),
    ("month", 30 * 86_400),
    ("day", 86_400),
    ("hour", 3600),
    ("minute", 60),
    ("second", 1),
)
_NAMED = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def date(unix: int, format: str, reader: Reader) -> str:  # noqa: A002 - Slack's name for it
    """`format` with its tokens replaced. Raises ValueError where no calendar has the moment."""
    try:
        at = datetime.fromtimestamp(unix, reader.tz)
        now = datetime.fromtimestamp(reader.now, reader.tz)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{unix} is in no calendar") from error

    def shown(found: re.Match[str]) -> str:
        known = _TOKENS.get(found.group(1))
        if known is None:
            return found.group()
        text = known(at, now)
        begins = found.start() == 0 and found.group(1).endswith("_pretty")
        return text[0].upper() + text[1:] if begins else text

    return _TOKEN.sub(shown, format)


def _full(at: datetime, year: str) -> str:
    ending = "th" if at.day in _TEENS else _ENDINGS.get(at.day % 10, "th")
    return f"{_MONTHS[at.month - 1]} {at.day}{ending}{year}"


def _year(at: datetime, now: datetime) -> str:
    return "" if abs(at - now) < _NEAR else f", {at.year}"


def _date(at: datetime, now: datetime) -> str:
    return _full(at, _year(at, now))


def _short(at: datetime, now: datetime) -> str:
    return f"{_MONTHS[at.month - 1][:3]} {at.day}{_year(at, now)}"


def _long(at: datetime, now: datetime) -> str:
    return f"{_DAYS[at.weekday()]}, {_date(at, now)}"


def _divider(at: datetime, now: datetime) -> str:
    year = "" if at.year == now.year else f", {at.year}"
    return f"{_DAYS[at.weekday()]}, {_full(at, year)}"


def _time(at: datetime, seconds: str = "") -> str:
    half = "AM" if at.hour < _NOON else "PM"
    return f"{at.hour % _NOON or _NOON}:{at.minute:02}{seconds} {half}"


def _ago(at: datetime, now: datetime) -> str:
    seconds = int((now - at).total_seconds())
    for unit, length in _UNITS:
        count = abs(seconds) // length
        if count:
            many = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{many} ago" if seconds > 0 else f"in {many}"
    return "just now"


_Shown = Callable[[datetime, datetime], str]


def _pretty(otherwise: _Shown) -> _Shown:
    def shown(at: datetime, now: datetime) -> str:
        days = at.date().toordinal() - now.date().toordinal()
        return _NAMED.get(days) or otherwise(at, now)

    return shown


_TOKENS: dict[str, _Shown] = {
    "date_num": lambda at, _: at.date().isoformat(),
    "date_slash": lambda at, _: f"{at.month:02}/{at.day:02}/{at.year:04}",
    "date": _date,
    "date_short": _short,
    "date_long": _long,
    "date_long_full": lambda at, _: _full(at, f", {at.year}"),
    "date_pretty": _pretty(_date),
    "date_short_pretty": _pretty(_short),
    "date_long_pretty": _pretty(_long),
    "day_divider_pretty": _pretty(_divider),
    "time": lambda at, _: _time(at),
    "time_secs": lambda at, _: _time(at, f":{at.second:02}"),
    "ago": _ago,
}

"""When something ends, as people write it before a reason: so long on, or a moment.

Rules
- The words that name it come first, as many as can belong to it; the rest is the reason.
- A moment is in the time zone of whoever writes it, and is the next one: `9:00` is tomorrow's where
  nine o'clock has gone by, `friday 17:00` this week's as long as it is to come.
- A day alone names no moment: nobody knows at which hour it would end.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain import duration

NEEDED = f"{duration.TYPED}, or a moment such as 17:00, tomorrow 9:00 or friday 5pm"

_WORDS_MOST = 8
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED = {name: index for index, day in enumerate(_DAYS) for name in (day, day[:3])}
_UNTIL = re.compile(r"(?:until|till|to|by|for)\s+")
_MOMENT = re.compile(
    rf"(?:(?:on )?(?P<day>today|tomorrow|{'|'.join(_NAMED)}|\d{{4}}-\d\d-\d\d),?\s+)?(?:at )?"
    r"(?:(?P<noon>noon)|(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?\s?(?P<half>am|pm)?)",
    re.ASCII,
)
_HALF_A_DAY = 12
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Wall:
    """What a clock on somebody's wall shows, on a day; `day` as it was written, or nothing."""

    day: str
    clock: time

    def after(self, now: datetime, zone: tzinfo) -> datetime:
        """The next moment after `now` at which a wall in `zone` shows it.

        A day of the calendar that is over stays over.
        """
        here = now.astimezone(zone)
        today = here.date()
        if self.day in _NAMED:
            today += timedelta(days=(_NAMED[self.day] - today.weekday()) % _WEEK)
        elif self.day == "tomorrow":
            today += timedelta(days=1)
        elif self.day and self.day != "today":
            today = date.fromisoformat(self.day)
        moment = datetime.combine(today, self.clock, zone)
        again = {"": 1}.get(self.day, _WEEK if self.day in _NAMED else 0)
        if again and moment <= here:
            moment = datetime.combine(today + timedelta(days=again), self.clock, zone)
        return moment


def leading(words: str) -> tuple[timedelta | Wall, str] | None:
    """The duration or moment that `words` begin with, and the words after it; None for neither."""
    parts = words.split()
    for count in range(min(len(parts), _WORDS_MOST), 0, -1):
        found = _named(" ".join(parts[:count]))
        if found:
            return found, " ".join(parts[count:])
    return None


def _named(text: str) -> timedelta | Wall | None:
    text = text.lower()
    if until := _UNTIL.match(text):
        text = text[until.end() :]
    try:
        return duration.typed(text)
    except ValueError:
        pass
    moment = _MOMENT.fullmatch(text)
    return _wall(moment) if moment else None


def _wall(moment: re.Match[str]) -> Wall | None:
    """What it says; None for an hour or a day that there isn't, and for a number alone."""
    day, half = moment["day"] or "", moment["half"]
    if moment["noon"]:
        return Wall(day, time(_HALF_A_DAY))
    if not (moment["minute"] or half):
        return None
    hour = int(moment["hour"])
    if half:
        if not 1 <= hour <= _HALF_A_DAY:
            return None
        hour = hour % _HALF_A_DAY + (_HALF_A_DAY if half == "pm" else 0)
    try:
        if day[:1].isdigit():
            date.fromisoformat(day)
        return Wall(day, time(hour, int(moment["minute"] or 0)))
    except ValueError:
        return None

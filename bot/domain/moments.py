"""When something ends, as people write it before a reason: so long on, or a moment.

Rules
- The words that name it come first, as many as can belong to it; the rest is the reason. Where the
  rest begins with what could change it (a day, a number, a time zone), nothing is read.
- A moment is in the time zone of whoever writes it or in UTC, and is the next one: `9:00` is
  tomorrow's where nine o'clock has gone by, `friday 17:00` this week's as long as it is to come;
  `next friday` is never today.
- A day alone names no moment: nobody knows at which hour it would end. Neither do `tomorrow at 5`
  and `friday midnight`, of which there are two.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain import duration

NEEDED = (
    f"{duration.TYPED}, or a moment such as 17:00, tomorrow 9:00 or friday 5pm, in your own time "
    "zone or followed by UTC"
)

_WORDS_MOST = 8
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_NAMED = {name: index for index, day in enumerate(_DAYS) for name in (day, day[:3])} | _SHORT
_NAMES = "|".join(sorted(_NAMED, key=len, reverse=True))
_UNTIL = re.compile(r"(?:until|till|to|by|for|in)\s+")
_DAY = rf"(?:on )?(?:today|tomorrow|(?:this |next )?(?:{_NAMES})|\d{{4}}-\d\d-\d\d)"
_MOMENT = re.compile(
    rf"(?:(?P<before>{_DAY}),? )?(?:at )?"
    r"(?:(?P<named>noon|midnight)"
    r"|(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?(?: ?(?P<half>[ap])\.?m\.?)?)"
    rf"(?: ?(?P<utc>utc|gmt|z))?(?:,? (?P<after>{_DAY}))?",
    re.ASCII,
)
# Beside UTC: which offset is meant by these is not known for sure.
_ZONES = (
    "cet|cest|bst|ist|wet|west|eet|eest|msk|et|est|edt|ct|cst|cdt|mt|mst|mdt|pt|pst|pdt|akst|akdt|hst"
    "|jst|kst|sgt|hkt|aest|aedt|acst|acdt|awst|nzst|nzdt|sast|brt|utc|gmt|z"
)
_CHANGES = re.compile(
    r"\W*(?:(?:and|or|at|in|on|by|to|until|till|the|this|next|an?) \W*)*(?:\d|(?:"
    rf"{_NAMES}|today|tonight|tomorrow|yesterday|morning|afternoon|evening|night|noon|midnight"
    r"|[ap]\.?m|o.clock|ago|before|after|from|earlier|later|half|quarter"
    rf"|{'|'.join(duration.COUNTS)}|(?:twen|thir|for|four|fif|six|seven|eigh|nine)t(?:y|een)"
    rf"|(?!\w\b)(?:{duration.UNIT})|{_ZONES}"
    r")\b|(?:europe|america|asia|africa|australia|pacific|atlantic|etc)/"
    r"|(?-i:[A-Z]\w*) time\b)",
    re.IGNORECASE,
)
_DASH = re.compile(r"^[-:,;\u2013\u2014]+ ")
_MORNING = 7  # the first hour that is read without its minutes or half of the day
_HALF_A_DAY = 12
_WEEK = 7


@dataclass(frozen=True, slots=True)
class WallTime:
    """What a clock on somebody's wall shows, on a day; `day` as it was written, or nothing.

    `zone` is where the wall stands, if that was written.
    """

    day: str
    clock: time
    zone: tzinfo | None = None

    def after(self, now: datetime, zone: tzinfo) -> datetime:
        """The next moment after `now` at which the wall shows it; one of no zone is in `zone`.

        A day of the calendar that is over stays over.
        """
        zone = self.zone or zone
        here = now.astimezone(zone)
        which, _, day = self.day.rpartition(" ")
        that, again = here.date(), 0
        if day in _NAMED:
            ahead = (_NAMED[day] - that.weekday()) % _WEEK
            that += timedelta(days=ahead or (_WEEK if which == "next" else 0))
            again = _WEEK
        elif day == "tomorrow":
            that += timedelta(days=1)
        elif not day:
            again = 1
        elif day != "today":
            that = date.fromisoformat(day)
        moment = datetime.combine(that, self.clock, zone)
        if again and moment <= here:
            moment = datetime.combine(that + timedelta(days=again), self.clock, zone)
        return moment


def leading(words: str) -> tuple[timedelta | WallTime, str] | None:
    """The duration or moment that `words` begin with, and the words after it; None for neither.

    None too where the words after it could change it.
    """
    parts = words.split()
    for count in range(min(len(parts), _WORDS_MOST), 0, -1):
        found = _named(" ".join(parts[:count]).rstrip(",.:;"))
        if found:
            rest = " ".join(parts[count:])
            return None if _CHANGES.match(rest) else (found, _DASH.sub("", rest, 1))
    return None


def _named(text: str) -> timedelta | WallTime | None:
    text = text.lower()
    if until := _UNTIL.match(text):
        text = text[until.end() :]
    try:
        return duration.typed(text)
    except ValueError:
        pass
    moment = _MOMENT.fullmatch(text)
    return _wall(moment) if moment else None


def _wall(moment: re.Match[str]) -> WallTime | None:
    """What it says; None for an hour or a day that there isn't, and where two may be meant."""
    day = (moment["before"] or moment["after"] or "").removeprefix("on ")
    named, minute, half = moment["named"], moment["minute"], moment["half"]
    hour = int(moment["hour"] or (_HALF_A_DAY if named == "noon" else 0))
    clear = (
        not day if named == "midnight" else named or minute or half or (day and hour >= _MORNING)
    )
    twice = moment["before"] and moment["after"]
    if not clear or twice or (half and not 1 <= hour <= _HALF_A_DAY):
        return None
    if half:
        hour = hour % _HALF_A_DAY + (_HALF_A_DAY if half == "p" else 0)
    try:
        if day[:1].isdigit():
            date.fromisoformat(day)
        return WallTime(day, time(hour, int(minute or 0)), UTC if moment["utc"] else None)
    except ValueError:
        return None

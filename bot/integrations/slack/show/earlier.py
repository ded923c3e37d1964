"""What was decided before on a room's subject, in a line.

Rules
- It is context for whoever decides, and no verdict: an exception of an earlier room says until
  when it holds or when it ended, and nothing of whether it covers this one.
- It names people without calling them: they had their part in another room.
"""

from bot.domain.earlier import MOST, WITHIN, EarlierRooms
from bot.domain.person import NEW_COMMIT, TIMEOUT
from bot.domain.war_room import Decision, WarRoom
from bot.integrations.slack.show.decision import BY_ITSELF
from bot.integrations.slack.show.text import date, name_of, outside

_ORDINALS = ("Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
_WORD = 40


def line(earlier: EarlierRooms) -> str:
    """How often it came up lately, and how it was decided last, or nothing."""
    said = [f"{_times(earlier.count)} in {WITHIN.days} days."] if earlier.count else []
    if earlier.last and earlier.last.decision:
        said.append(f"Last: {_decided(earlier.last, earlier.last.decision)}.")
    return " ".join(said)


def _times(before: int) -> str:
    """`Third time` where there were two before, `12 times` where there were eleven."""
    if before <= len(_ORDINALS):
        return f"{_ORDINALS[before - 1]} time"
    return f"{before + 1} times" if before < MOST else f"More than {MOST} times"


def _decided(room: WarRoom, decision: Decision) -> str:
    """`overridden by Jude, 3 Oct at 9:00, ended 10 Oct at 9:00`."""
    by = f" by {name_of(room.person(decision.by))}"
    if decision.by == TIMEOUT:
        by = f" since {BY_ITSELF[TIMEOUT]} ({outside(decision.verdict, _WORD)})"
    elif decision.by == NEW_COMMIT:
        by = f" since {BY_ITSELF[NEW_COMMIT]}"
    said = f"{outside(decision.outcome, _WORD)}{by}, {date(decision.at)}"
    if room.exception_ended_at:
        over = f"revoked by {name_of(room.person(room.revoked_by))}" if room.revoked_by else "ended"
        return f"{said}, {over} {date(room.exception_ended_at)}"
    return f"{said}, valid until {date(decision.valid_until)}" if decision.valid_until else said

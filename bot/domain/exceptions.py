"""The end of the exception that an override makes: who is told of it, and when.

Rules
- It is told a day before, or at half of a validity that is shorter than two days; and at the end.
- After the end nobody is warned of it any more.
- Its owner is told unless Slack can't reach them, and the adjudicator on duty, or the next in the
  order of duty whom Slack can reach.
"""

from datetime import datetime, timedelta

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.ask import Answer, Ask
from bot.domain.policy import Role
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import Verdict, WarRoom

AHEAD_MOST = timedelta(days=1)


def ends_at(room: WarRoom) -> datetime | None:
    """When the exception ends that holds in `room`; None where there is none, or it has ended."""
    decision = room.decision
    if decision is None or decision.verdict is not Verdict.ALLOW or room.exception_ended_at:
        return None
    return decision.valid_until


def told_at(room: WarRoom) -> datetime | None:
    """When it is to be told that the exception in `room` ends; None where it was, or there is none.

    A day before, or at half of a validity that is shorter than two days.
    """
    end, decision = ends_at(room), room.decision
    if end is None or decision is None or room.end_told:
        return None
    return end - min(AHEAD_MOST, (end - decision.at) / 2)


def warn_of_end(ask: Ask[c.WarnOfEnd]) -> Answer:
    """Once, and only before the end."""
    when, end = told_at(ask.room), ends_at(ask.room)
    if when is None or end is None or not when <= ask.now < end:
        return Refusal(Why.NOTHING_TO_DO, "No exception ends before long.")
    return (e.ExceptionEnding(ends_at=end, notify=_concerned(ask.room)),)


def end_exception(ask: Ask[c.EndException]) -> Answer:
    """Once, from the end on."""
    end = ends_at(ask.room)
    if end is None or ask.now < end:
        return Refusal(Why.NOTHING_TO_DO, "No exception has ended.")
    return (e.ExceptionEnded(ended_at=end, notify=_concerned(ask.room)),)


def _concerned(room: WarRoom) -> tuple[str, ...]:
    owner = room.decision.owner if room.decision else None
    in_order = room.assignment(Role.ADJUDICATOR).holders
    adjudicator = next((name for name in in_order if name not in room.unreachable), None)
    names = (None if owner in room.unreachable else owner, adjudicator)
    return tuple(dict.fromkeys(name for name in names if name))

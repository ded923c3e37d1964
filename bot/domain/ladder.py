"""The ladder: what the clock does, and when. One room has one next timer.

Rules
- A band may have a ladder of its own.
- A step is due at its share of the whole window, extensions included.
- A step that was passed is not taken again, unless an extension puts it ahead once more.
- A step that only a newer version knows is left to it.
- In a state that only a newer version knows nothing is due.
- Past the deadline only the expiry is left: nobody is reminded of what is over.
- A decided room closes once its result was there to be read for long enough.
"""

from datetime import datetime

from bot.domain import readers
from bot.domain.aggregate import Timer
from bot.domain.commands import Close, Command, Escalate, Expire
from bot.domain.policy import Policy, Rung
from bot.domain.war_room import State, WarRoom

EXPIRE, CLOSE = "expire", "close"
TIMERS: frozenset[str] = frozenset({*Rung, EXPIRE, CLOSE})


def next_timer(room: WarRoom, policy: Policy) -> Timer | None:
    """The room's next timer; None once nothing is left for the clock to do in it."""
    if room.decision:
        since = None if room.state is State.CLOSED else readers.readable_since(room)
        return Timer(CLOSE, since + policy.archive_after) if since else None
    ahead = [step for step in steps(room, policy) if step[0] > room.ladder_at]
    if ahead:
        return Timer(ahead[0][1], ahead[0][0])
    return Timer(EXPIRE, room.expires_at)


def due_command(room: WarRoom, policy: Policy, now: datetime) -> Command | None:
    """What the clock orders at `now`; None when nothing is due."""
    timer = next_timer(room, policy)
    if timer is None or not room.state.is_known:
        return None
    if room.state is State.OPEN and now >= room.expires_at:
        return Expire()
    if now < timer.due_at:
        return None
    return Escalate() if room.decision is None else Close()


def due_steps(room: WarRoom, policy: Policy, now: datetime) -> list[tuple[datetime, Rung]]:
    """The steps reached since the ladder was last looked at, in order."""
    return [step for step in steps(room, policy) if room.ladder_at < step[0] <= now]


def steps(room: WarRoom, policy: Policy) -> list[tuple[datetime, Rung]]:
    """Every step that is known here with its time, in order."""
    whole = room.expires_at - room.opened_at
    band = policy.band(room.basis.band) if room.basis else None
    ladder = policy.ladder if band is None or band.ladder is None else band.ladder
    known = (step for step in ladder if step.do.is_known)
    return sorted((room.opened_at + step.at * whole, step.do) for step in known)

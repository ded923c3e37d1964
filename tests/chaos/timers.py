"""The clock: steps of the ladder and expiries, too early, too late or twice, and by how much late.

Rules
- Early: an event before its own due time. Twice: the same step of the same room at the same due
  time on record twice.
- Late: more than `LATE_SECONDS` after its due time, not counting the time in which the database was
  being restarted, or the one process on SQLite was not there. A step that is not on record though
  the room was open that long past it is late too, unless an extension moved the steps.
- The limit allows for all workers being dead or starved at the same moment, not for a timer that
  a frozen process holds. The lateness that is reported leaves nothing out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.domain.delivered import Paged
from bot.domain.events import Decided, Escalated, Extended
from bot.domain.ladder import steps
from bot.domain.policy import Policy
from bot.domain.war_room import Outcome
from tests.chaos.evidence import Evidence

LATE_SECONDS = 30.0


def early(seen: Evidence) -> Iterator[str]:
    """Before the due time."""
    yield from (f"{what}: {late:.3f} s" for what, late in lateness(seen) if late < 0)


def late(seen: Evidence, policies: dict[str, Policy]) -> Iterator[str]:
    """Long after it, or never."""
    for done in _done(seen):
        if (seconds := _blamed(seen, done.due, done.at)) > LATE_SECONDS:
            yield f"room {done.room}: {done.what} at {done.due:%H:%M:%S}, {seconds:.1f} s"
    for room_id, room in seen.rooms.items():
        record = seen.records[room_id]
        if room.decision is None or any(isinstance(r.event, Extended) for r in record):
            continue
        taken = {r.event.due_at for r in record if isinstance(r.event, Escalated)}
        for due_at, rung in steps(room, policies[room.policy_id]):
            if due_at not in taken and _blamed(seen, due_at, room.decision.at) > LATE_SECONDS:
                yield f"room {room_id}: {rung} at {due_at:%H:%M:%S} never came"


def twice(seen: Evidence) -> Iterator[str]:
    """The same step again."""
    for room_id, record in seen.records.items():
        events = [r.event for r in record if isinstance(r.event, Escalated)]
        counted = Counter((event.rung, event.due_at) for event in events)
        yield from (f"room {room_id}: {step[0]}" for step, count in counted.items() if count > 1)


def lateness(seen: Evidence) -> Iterator[tuple[str, float]]:
    """Each thing that the clock did, and how many seconds after its due time."""
    for done in _done(seen):
        yield f"room {done.room}: {done.what}", (done.at - done.due).total_seconds()


@dataclass(frozen=True, slots=True)
class _Done:
    """One thing that the clock did."""

    room: str
    what: str
    due: datetime
    at: datetime


def _done(seen: Evidence) -> Iterator[_Done]:
    for room, record in seen.records.items():
        for recorded in record:
            event = recorded.event
            if isinstance(event, Escalated):
                yield _Done(room, event.rung, event.due_at, recorded.at)
            elif isinstance(event, Decided) and event.decision.outcome is Outcome.EXPIRED:
                yield _Done(room, "expiry", seen.rooms[room].expires_at, recorded.at)


def _blamed(seen: Evidence, due: datetime, at: datetime) -> float:
    """Seconds between the two, without those in which nobody could have done it."""
    start, end = due.timestamp(), at.timestamp()
    away = sum(max(0.0, min(end, until) - max(start, since)) for since, until in seen.absences)
    return end - start - away


def page_waits(seen: Evidence) -> list[float]:
    """Seconds from a page's effect to its record, for each page that was delivered."""
    wanted = {
        (effect.room_id, effect.payload["user"]): effect.created_at
        for effect in sorted(seen.effects.values(), key=lambda effect: -effect.id)
        if effect.kind == "page"
    }
    return [
        recorded.at.timestamp() - wanted[room_id, recorded.event.name]
        for room_id, record in seen.records.items()
        for recorded in record
        if isinstance(recorded.event, Paged) and (room_id, recorded.event.name) in wanted
    ]

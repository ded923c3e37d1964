"""The fold: a room and one more event give the room after it.

It looks at nothing but the two, so that any reader of the record sees the same room.
"""

from bot.domain import events as e
from bot.domain import storm
from bot.domain.policy import Rung
from bot.domain.violation import Violation, graver
from bot.domain.war_room import TIMEOUT, State, WarRoom

# What people do by themselves; all of it shows that they have seen the violation.
_HUMAN = (
    e.Acknowledged,
    e.InfoRequested,
    e.Explained,
    e.Extended,
    e.HandedOff,
    e.Split,
    e.Decided,
)


def evolve(room: WarRoom | None, recorded: e.Recorded) -> WarRoom:
    """The room after `recorded`; ValueError when the event is out of order."""
    if isinstance(recorded.event, e.Opened):
        if room is not None:
            raise ValueError(f"event {recorded.seq}: room {room.id} is opened a second time")
        return _opened(recorded, recorded.event)
    if room is None or recorded.seq != room.version + 1:
        raise ValueError(f"event {recorded.seq} does not follow on {room and room.version}")
    changes = _changes(room, recorded) | {"version": recorded.seq}
    return room.model_copy(update=_seen(room, recorded) | changes)


def fold(record: list[e.Recorded]) -> WarRoom:
    """The room that a whole record gives."""
    room = None
    for recorded in record:
        room = evolve(room, recorded)
    if room is None:
        raise ValueError("a room has at least one event")
    return room


def _opened(recorded: e.Recorded, event: e.Opened) -> WarRoom:
    return WarRoom(
        id=event.room_id,
        version=recorded.seq,
        state=State.OPEN,
        policy_id=event.policy_id,
        policy_digest=event.policy_digest,
        severity=event.severity,
        team=event.team,
        violation=event.violation,
        initiators=(event.initiator,) if event.initiator else (),
        unidentified=_awaited(event.violation, event.initiator),
        seats=event.seats,
        opened_at=recorded.at,
        expires_at=recorded.at + event.window,
        window=event.window,
        ladder_at=recorded.at,
        private=event.private,
        is_storm=event.is_storm,
        initiator_of=_first_made(event),
    )


def _first_made(event: e.Opened) -> dict[str, str]:
    return {event.violation.id: event.initiator} if event.is_storm and event.initiator else {}


def _seen(room: WarRoom, recorded: e.Recorded) -> dict[str, object]:
    if not isinstance(recorded.event, _HUMAN) or recorded.actor == TIMEOUT:
        return {}
    seen: dict[str, object] = {"acknowledged": {recorded.actor: recorded.at} | room.acknowledged}
    if room.first_response_at is None and not isinstance(recorded.event, e.Acknowledged):
        seen["first_response_at"] = recorded.at
    return seen


def _changes(room: WarRoom, recorded: e.Recorded) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912 - a table: one case an event
    event = recorded.event
    match event:
        case e.Joined():
            joined = (*room.joined, event.violation)
            awaited = room.unidentified + _awaited(event.violation, event.initiator)
            known = _initiator(room, event.initiator, event.seats)
            return {"joined": joined, "unidentified": awaited, **known, **_gathered(room, event)}
        case e.Identified():
            told = (event.violation_id, *event.also)
            left = tuple(each for each in room.unidentified if each not in told)
            known = _initiator(room, event.user, event.seats)
            initiator_of = storm.made(room, told, event.user)
            return {
                "unidentified": left,
                "initiator_of": initiator_of,
                **known,
                **_unknown(room, event),
            }
        case e.InfoRequested():
            return {"question": event.question, "answer": None}
        case e.Explained():
            return {"answer": event.text}
        case e.Extended():
            return {"expires_at": event.expires_at, "ladder_at": recorded.at}
        case e.Split():
            return storm.left(room, event.violations, event.to)
        case e.HandedOff() | e.Reassigned():
            return {"seats": event.seats}
        case e.Escalated():
            paged = room.backups_paged or event.rung is Rung.PAGE_BACKUP
            return {"ladder_at": event.due_at, "backups_paged": paged}
        case e.Decided():
            return {"decision": event.decision, "state": State.DECIDED}
        case e.Closed():
            return {"state": State.CLOSED}
        case e.ChannelOpened():
            return {"channel": event.channel}
        case e.CardPosted():
            return {"card": event.message}
        case e.Paged():
            digested = (*room.digested, event.user) if event.digest else room.digested
            return {"pages": room.pages | {event.user: event.message}, "digested": digested}
        case e.Unreachable():
            unreachable = room.unreachable | {event.user: event.error}
            return {"unreachable": unreachable, "seats": event.seats}
        case _:
            return {}


def _gathered(room: WarRoom, event: e.Joined) -> dict[str, object]:
    if not room.is_storm:
        return {}
    severity = graver(room.severity, event.violation.report.severity or room.severity)
    initiator_of = storm.made(room, (event.violation.id,), event.initiator)
    return {"severity": severity, "initiator_of": initiator_of}


def _awaited(violation: Violation, initiator: str | None) -> tuple[str, ...]:
    """The violation, where Slack has still to tell whose address it names."""
    return (violation.id,) if not initiator and violation.report.initiator.email else ()


def _initiator(room: WarRoom, user: str | None, seats: object) -> dict[str, object]:
    known = room.initiators + ((user,) if user and user not in room.initiators else ())
    return {"initiators": known, "seats": seats}


def _unknown(room: WarRoom, event: e.Identified) -> dict[str, object]:
    if event.user:
        return {}
    label = _violation(room, event.violation_id).report.initiator.label
    return {"unreachable": room.unreachable | {label: "nobody in Slack has this address"}}


def _violation(room: WarRoom, violation_id: str) -> Violation:
    return next(violation for violation in room.violations if violation.id == violation_id)

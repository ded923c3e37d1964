"""Messages that ask for something: what each asks, when that is over, and what its words rest on.

Rules
- `ASKING` is the registry: an event of any other kind tells what happened, and stays true.
- A message stands from its delivery until what it asks for is over: answered, decided, ended.
- What it says is made anew from the room, so that it is enough to know when that has changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import proposals
from bot.domain.access import roles_of
from bot.domain.aggregate import Happened, Recorded, kind_of
from bot.domain.messages import PostedMessage, Standing
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom


@dataclass(frozen=True, slots=True)
class Asks:
    """What a message about an `event` asks for.

    `over`: whether that is over by another event than the decision. `rests_on`: what its words say
    of the room, besides whether that is over and the part of its reader. `gives_duty`: it asks
    only whoever got the event's role, and is news to everybody else.
    """

    event: type[Happened]
    over: Callable[[Recorded[Any], WarRoom], bool] = lambda _recorded, _room: False
    rests_on: Callable[[WarRoom, Standing], object] = lambda room, _message: room.expires_at
    outlives_decision: bool = False
    gives_duty: bool = False


def _has_role(room: WarRoom, message: Standing) -> tuple[object, ...]:
    on_duty = message.role and room.assignment(message.role).on_duty
    return (room.expires_at, on_duty == message.name)


def _was_handed_on(recorded: Recorded[e.HandedOff | e.Assigned], room: WarRoom) -> bool:
    return room.assignment(recorded.event.role).on_duty != recorded.event.to


def _has_no_open_question(recorded: Recorded[e.InfoRequested], room: WarRoom) -> bool:
    # The same words may be asked again: by another question.
    return room.question_seq != recorded.seq or room.answer is not None


def _is_another_end(recorded: Recorded[e.ExceptionEnding], room: WarRoom) -> bool:
    end = room.decision and room.decision.valid_until
    return room.exception_ended_at is not None or end != recorded.event.ends_at


ASKING = (
    Asks(e.Escalated),
    Asks(
        e.InfoRequested,
        over=_has_no_open_question,
        rests_on=lambda room, message: (
            room.question_seq,
            room.answer is not None,
            # The channel reads whether anybody is asked.
            message.name is None and set(room.initiators) <= room.unreachable.keys(),
        ),
    ),
    Asks(e.HandedOff, over=_was_handed_on, rests_on=_has_role, gives_duty=True),
    Asks(e.Assigned, over=_was_handed_on, rests_on=_has_role, gives_duty=True),
    Asks(
        e.Proposed,
        over=lambda recorded, room: proposals.by(room, recorded.event.proposal.by) is None,
        rests_on=lambda room, _message: (
            room.expires_at,
            proposals.counting(room),
            room.unknown_makers,
            room.vouching,
            tuple(proposals.approvers(room, proposal) for proposal in room.proposals),
        ),
    ),
    Asks(
        e.CheckSucceeded,
        over=lambda recorded, room: room.fixed != recorded.event.success,
        rests_on=lambda room, _message: (room.expires_at, room.fixed),
    ),
    Asks(
        e.ExceptionEnding,
        over=_is_another_end,
        rests_on=lambda room, _message: room.decision and room.decision.valid_until,
        outlives_decision=True,
    ),
)
_OF = {kind_of(asks.event): asks for asks in ASKING}
_QUESTION = kind_of(e.InfoRequested)


def asking(event: Happened, name: str | None) -> Asks | None:
    """What a message about an event asks for, to somebody by `name`, or in the channel.

    None where it only tells what happened.
    """
    asks = _OF.get(event.kind)
    return None if asks and asks.gives_duty and name is None else asks


def is_over(recorded: Recorded[e.Event], room: WarRoom, name: str | None) -> bool:
    """Whether what a message about an event asks for is over; what asks for nothing never is."""
    asks = asking(recorded.event, name)
    if asks is None:
        return False
    decided = room.decision is not None and not asks.outlives_decision
    return decided or asks.over(recorded, room)


def with_told(room: WarRoom, event: d.Told) -> tuple[Standing, ...]:
    """What stands once a message was delivered; nothing more where what it asks for is over."""
    asks = _OF.get(event.of)
    outlives_decision = asks is not None and asks.outlives_decision
    if room.exception_ended_at if outlives_decision else room.decision:
        return room.standing
    stands = Standing(
        about=event.about,
        of=event.of,
        name=event.name,
        role=event.role,
        message=event.message,
    )
    return (*room.standing, stands)


def with_asked(questions: Mapping[str, PostedMessage], event: d.Told) -> dict[str, PostedMessage]:
    """The messages in whose threads the last question is answered, by their readers."""
    asked = {event.name or "": event.message} if event.of == _QUESTION else {}
    return {**questions, **asked}


def without_questions(standing: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """What is left once the last question is answered, or another one is asked."""
    return tuple(message for message in standing if message.of != _QUESTION)


def outdated(before: WarRoom, room: WarRoom) -> tuple[Standing, ...]:
    """The messages that stood in `before` and would read otherwise in `room`, a step later."""
    if not before.standing:
        return ()
    # Thousands may have been asked in a storm: parts are compared only where one could change.
    all_parts = before.assignments != room.assignments
    touched = set(before.initiators) ^ set(room.initiators)
    return tuple(
        message
        for message in before.standing
        if (
            reads_otherwise(message, before, room)
            if all_parts or message.name in touched
            else _rests_on(before, message) != _rests_on(room, message)
        )
    )


def reads_otherwise(message: Standing, before: WarRoom, room: WarRoom) -> bool:
    """Whether `message` says something else in `room` than it did in `before`."""
    if _rests_on(before, message) != _rests_on(room, message):
        return True
    return message.name is not None and part(before, message.name) != part(room, message.name)


def _rests_on(room: WarRoom, message: Standing) -> tuple[object, ...]:
    """What a message's words depend on besides the part of its reader."""
    asks = _OF.get(message.of)  # a newer version may ask for more
    said = asks.rests_on(room, message) if asks else room.expires_at
    return (room.decision is not None, room.exception_ended_at, said)


def part(room: WarRoom, name: str) -> tuple[Role, ...]:
    """The roles in which somebody may act, and those in which they are on duty."""
    duty = tuple(each.role for each in room.assignments if each.on_duty == name)
    return (*roles_of(room, name), *duty)

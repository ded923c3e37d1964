"""Messages that ask for something: which a room still has to keep true, and what each depends on.

Rules
- A message stands from its delivery until what it asks for is over: answered, decided, ended.
- What it says is made anew from the room, so that it is enough to know when that has changed.
"""

from bot.domain import delivered as d
from bot.domain.access import roles_of
from bot.domain.messages import Standing
from bot.domain.policy import Role
from bot.domain.war_room import WarRoom

QUESTION = "info_requested"
ON_DUTY = ("handed_off", "assigned")
ENDING = "exception_ending"
PROPOSED = "proposed"
SUCCEEDED = "check_succeeded"


def with_told(room: WarRoom, event: d.Told) -> tuple[Standing, ...]:
    """What stands once a message was delivered; nothing more where what it asks for is over."""
    over = room.exception_ended_at if event.of == ENDING else room.decision
    if over:
        return room.standing
    stands = Standing(
        about=event.about,
        of=event.of,
        name=event.name,
        role=event.role,
        message=event.message,
    )
    return (*room.standing, stands)


def without_questions(standing: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """What is left once the last question is answered, or another one is asked."""
    return tuple(each for each in standing if each.of != QUESTION)


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
            else _basis(before, message) != _basis(room, message)
        )
    )


def reads_otherwise(message: Standing, before: WarRoom, room: WarRoom) -> bool:
    """Whether `message` says something else in `room` than it did in `before`."""
    if _basis(before, message) != _basis(room, message):
        return True
    return message.name is not None and part(before, message.name) != part(room, message.name)


def _basis(room: WarRoom, message: Standing) -> tuple[object, ...]:
    """What a message's words depend on besides the part of its reader."""
    said: list[object] = [room.decision is not None, room.exception_ended_at]
    if message.of == QUESTION:
        said += [room.question, room.answer is not None]
    else:
        said.append(room.expires_at)
    if message.of == SUCCEEDED:
        said.append(room.fixed)
    if message.of == PROPOSED:
        said += [room.proposals, room.unknown_makers, room.vouching]
    if message.of in ON_DUTY and message.role:
        said.append(room.assignment(message.role).on_duty == message.name)
    return tuple(said)


def part(room: WarRoom, name: str) -> tuple[Role, ...]:
    """The roles in which somebody may act, and those in which they are on duty."""
    duty = tuple(each.role for each in room.assignments if each.on_duty == name)
    return (*roles_of(room, name), *duty)

"""A storm's room: what holds where many violations of one policy are gathered.

Rules
- The same key still means the same decision: violations with one key leave the room together.
- Slack is asked once whose an address is, and its answer holds for whatever comes in later.
- Who made only some of the changes doesn't withdraw those of others.
"""

from bot.domain.commands import Command, Deciding
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom


def together(room: WarRoom, violation_id: str) -> tuple[Violation, ...]:
    """The violation and those with its key; none where it isn't in the room."""
    key = next((each.report.key for each in room.violations if each.id == violation_id), None)
    return tuple(each for each in room.violations if key and each.report.key == key)


def is_one_key(room: WarRoom) -> bool:
    """Whether all that is in the room has one key, so that nothing can be settled apart."""
    first = room.violation.report.key
    return all(joined.report.key == first for joined in room.joined)


def maker(room: WarRoom, email: str | None) -> str | None:
    """Who this address is, where the room has learned it from an earlier violation."""
    if not room.is_storm or not email:
        return None
    address = email.lower()
    named = (each.id for each in room.violations if (each.email or "").lower() == address)
    return next((room.initiator_of[each] for each in named if each in room.initiator_of), None)


def is_unknown_address(room: WarRoom, email: str | None) -> bool:
    """Whether Slack has said that it knows nobody by this address."""
    return room.is_storm and email in room.unreachable


def all_by(room: WarRoom, person: str) -> bool:
    """Whether `person` made every change that is in the room."""
    return len(room.initiator_of) == len(room.violations) and {*room.initiator_of.values()} == {
        person
    }


def made(room: WarRoom, violations: tuple[str, ...], user: str | None) -> dict[str, str]:
    """`initiator_of` once `user` is known to have made these."""
    if not room.is_storm or not user:
        return room.initiator_of
    return room.initiator_of | dict.fromkeys(violations, user)


def left(room: WarRoom, gone: tuple[str, ...], to: str) -> dict[str, object]:
    """What changes in the room once these violations have left it for the room `to`."""
    first, *rest = (each for each in room.violations if each.id not in gone)
    initiator_of = {each: user for each, user in room.initiator_of.items() if each not in gone}
    makers = {*initiator_of.values()}
    return {
        "violation": first,
        "joined": tuple(rest),
        "initiator_of": initiator_of,
        "initiators": tuple(user for user in room.initiators if user in makers),
        "unidentified": tuple(each for each in room.unidentified if each not in gone),
        "apart": room.apart | dict.fromkeys(gone, to),
    }


def unseen(room: WarRoom, command: Command) -> int:
    """How many violations a decision would settle that whoever decides was not shown."""
    if not room.is_storm or not isinstance(command, Deciding) or not command.seen:
        return 0
    return max(0, len(room.violations) - command.seen)

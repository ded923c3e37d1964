"""Who may do what: one table, and the rule that nobody decides on their own violation.

Rules
- Whoever is an initiator of a room is nothing else in it, whatever roles they hold.
- Where the validator decides alone, they may reject too: whoever can allow can also block.
- A role's members, those on duty and their backups alike, may do what the role may: nothing, in a
  role that only a newer version knows.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.domain import commands as c
from bot.domain import usergroups
from bot.domain.order import Order
from bot.domain.policy import Policy, Role
from bot.domain.war_room import WarRoom

MAY: Mapping[Role, frozenset[type[Order]]] = {
    Role.INITIATOR: frozenset({c.Acknowledge, c.Explain, c.Withdraw}),
    Role.VALIDATOR: frozenset(
        {
            c.Acknowledge,
            c.Approve,
            c.Dismiss,
            c.RequestInfo,
            c.Extend,
            c.HandOff,
            c.Split,
            c.NameInitiator,
        }
    ),
    Role.ADJUDICATOR: frozenset(
        {
            c.Acknowledge,
            c.Approve,
            c.Override,
            c.Reject,
            c.Dismiss,
            c.RequestInfo,
            c.Explain,
            c.Extend,
            c.HandOff,
            c.Split,
            c.NameInitiator,
        }
    ),
}
HUMAN: frozenset[type[Order]] = frozenset().union(*MAY.values())
# What settles nothing, moves no deadline and gives no role.
WORDS_ALONE: frozenset[type[Order]] = frozenset({c.Acknowledge, c.Explain, c.RequestInfo})


def roles_of(room: WarRoom, person: str) -> tuple[Role, ...]:
    """The roles in which the person of this name may act in `room`, the weightier last."""
    if person in room.initiators:
        return (Role.INITIATOR,)
    return tuple(each.role for each in room.assignments if person in each.holders)


def may_see(room: WarRoom, person: str, channel: str) -> bool:
    """Whether what happened in `room` is for the eyes of somebody who asks in `channel`."""
    return not room.private or bool(roles_of(room, person)) or room.channel == channel


def may(room: WarRoom, role: Role, command: type[Order]) -> bool:
    """Whether `role` may give `command` in `room`."""
    alone = role is Role.VALIDATOR and room.decide == (Role.VALIDATOR,)
    return command in MAY.get(role, ()) or (alone and command is c.Reject)


def acting_role(room: WarRoom, person: str, command: type[Order]) -> Role | None:
    """The role in which `person` may give `command`, or None."""
    return next((role for role in roles_of(room, person) if may(room, role, command)), None)


def sure_role(
    room: WarRoom, person: str, command: type[Order], policy: Policy, now: datetime
) -> Role | None:
    """The first role in which `person` may give `command` at `now`, or None."""
    return next(iter(sure_roles(room, person, command, policy, now)), None)


def sure_roles(
    room: WarRoom, person: str, command: type[Order], policy: Policy, now: datetime
) -> tuple[Role, ...]:
    """The roles in which `person` may give `command` at `now`, the weightier last.

    What weighs more than a word is not given in a role that rests on an old answer of Slack's.
    """
    return tuple(
        role
        for role in roles_of(room, person)
        if may(room, role, command)
        and (
            role is Role.INITIATOR
            or command in WORDS_ALONE
            or usergroups.is_sure(room, policy, role, person, now)
        )
    )


def roles_that_may(room: WarRoom, command: type[Order]) -> tuple[Role, ...]:
    """The roles that may give `command` in `room`, for a refusal that helps."""
    deciding = (each.role for each in room.assignments if each.role in room.decide or each.holders)
    return tuple(role for role in (Role.INITIATOR, *deciding) if may(room, role, command))

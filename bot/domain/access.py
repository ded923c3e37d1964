"""Who may do what: one table, and the rule that nobody decides on their own violation.

Rules
- Whoever is an initiator of a room is nothing else in it, whatever roles they hold.
- A role's members, those on duty and their backups alike, may do what the role may: nothing, in a
  role that only a newer version knows.
"""

from collections.abc import Mapping

from bot.domain import commands as c
from bot.domain.order import Order
from bot.domain.policy import Role
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


def roles_of(room: WarRoom, person: str) -> tuple[Role, ...]:
    """The roles in which the person of this name may act in `room`, the weightier last."""
    if person in room.initiators:
        return (Role.INITIATOR,)
    return tuple(each.role for each in room.assignments if person in each.holders)


def acting_role(room: WarRoom, person: str, command: type[Order]) -> Role | None:
    """The role in which `person` may give `command`, or None."""
    return next((role for role in roles_of(room, person) if command in MAY.get(role, ())), None)


def roles_that_may(command: type[Order]) -> tuple[Role, ...]:
    """The roles that may give `command`, for a refusal that helps."""
    return tuple(role for role, allowed in MAY.items() if command in allowed)

"""In which roles somebody may renew or revoke the exception that a room's decision made.

Rules
- It is renewed as it was decided: by whoever could take the decision in its room now, and never by
  whoever made the change.
- It is revoked by whoever has a role in its policy, asked by its room or not: that only blocks.
"""

from datetime import datetime

from bot.domain import access
from bot.domain import commands as c
from bot.domain import exception as x
from bot.domain.person import Actor
from bot.domain.policy import DECIDERS, Policy, Role
from bot.domain.war_room import Outcome, WarRoom


def roles(
    room: WarRoom, policy: Policy, command: x.Renew | x.Revoke, actor: Actor, now: datetime
) -> tuple[Role, ...]:
    """The roles in which somebody may give `command` at `now`."""
    name = room.name_of(actor.person)
    if isinstance(command, x.Revoke):  # which only blocks: by whoever has the role, asked or not
        rosters = ((role, policy.roster(role)) for role in DECIDERS)
        listed = (role for role, each in rosters if name in (*each.members, *each.backups))
        return (*access.roles_of(room, name), *listed)
    if any(actor.is_one_with(room.person(name)) for name in room.initiators):
        return (Role.INITIATOR,)
    overrides = room.decision is not None and room.decision.outcome is Outcome.OVERRIDDEN
    like = c.Override if overrides else c.Approve
    return access.sure_roles(room, name, like, policy, now)

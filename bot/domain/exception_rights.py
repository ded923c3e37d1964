"""In which roles somebody may renew or revoke the exception that a room's decision made.

Rules
- It is renewed as it was decided: by whoever could take the decision in its room now.
- Whoever made the change never may renew it, nor who made what it has waived. While some human
  behind the change is unknown one person alone doesn't; nor does who may have made what it has
  waived, as far as is known. Where the policy lets the adjudicator alone, they may in both cases.
- Who may have a role by a Slack user group alone is told so while Slack hasn't said who is in it.
- It is revoked by whoever has a role in its policy, asked by its room or not: that only blocks.
"""

from datetime import datetime

from bot.domain import access, separation, usergroups
from bot.domain import commands as c
from bot.domain import exception as x
from bot.domain.makers import Attributed, Behind, accounts_of
from bot.domain.person import Actor, unlisted
from bot.domain.policy import DECIDERS, Policy, Role, UnknownInitiator
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import Outcome, WarRoom


def given(
    room: WarRoom,
    exception: x.PolicyException,
    policy: Policy,
    command: x.Renew | x.Revoke,
    actor: Actor,
    now: datetime,
) -> tuple[x.Renew | x.Revoke, Actor] | Refusal:
    """An order with the roles in which it is given, and by whom, as their room knows them."""
    roles = _roles(room, exception, policy, command, actor, now)
    name = room.name_of(actor.person)
    groups = sorted({behind.group for behind in usergroups.to_ask(room, policy, now)})
    if isinstance(command, x.Renew) and groups and not roles and not _is_listed(room, policy, name):
        message = (
            f"Slack hasn't said lately who is in the user group {', '.join(groups)}: if you are, "
            "please try again in a moment. Nothing was recorded."
        )
        return Refusal(Why.NOT_KNOWN, message)
    if isinstance(command, x.Renew) and (doubt := _doubt(room, exception, actor)):
        by_two = policy.unknown_initiator is UnknownInitiator.SECOND_PERSON
        if by_two or Role.ADJUDICATOR not in roles:
            return Refusal(Why.NOT_ALLOWED, doubt)
    return command.but(roles=roles), actor.but(person=room.people.get(name) or actor.person)


def _doubt(room: WarRoom, exception: x.PolicyException, actor: Actor) -> str | None:
    """Why `actor` alone could be renewing what allows their own change; None where they can't."""
    if separation.in_doubt(room, actor):
        return (
            "It isn't known who made this change, so that you alone can't renew this exception. "
            "What comes in after its end is asked for anew."
        )
    person = actor.person
    makers = tuple(Attributed(accounts=each.accounts) for each in exception.unknown_makers)
    if doubt := Behind(makers, {person.name: person}).doubt(person.name):
        waived = "It has waived a change of somebody unknown"
        return f"You alone can't renew this exception. {waived}, and {doubt}."
    return None


def _is_listed(room: WarRoom, policy: Policy, name: str) -> bool:
    """Whether somebody has a part in the room that rests on no user group alone."""
    held = access.roles_of(room, name)
    return any(usergroups.rests_on(room, policy, role, name) is None for role in held)


def _roles(
    room: WarRoom,
    exception: x.PolicyException,
    policy: Policy,
    command: x.Renew | x.Revoke,
    actor: Actor,
    now: datetime,
) -> tuple[Role, ...]:
    name = room.name_of(actor.person)
    if isinstance(command, x.Revoke):  # which only blocks: by whoever has the role, asked or not
        rosters = ((role, policy.roster(role)) for role in DECIDERS)
        listed = (role for role, each in rosters if name in (*each.members, *each.backups))
        return (*access.roles_of(room, name), *listed)
    waived = map(unlisted, accounts_of(exception.unknown_makers))  # theirs, as is known by now
    if any(map(actor.is_one_with, (*map(room.person, room.initiators), *waived))):
        return (Role.INITIATOR,)
    overrides = room.decision is not None and room.decision.outcome is Outcome.OVERRIDDEN
    like = c.Override if overrides else c.Approve
    return access.sure_roles(room, name, like, policy, now)

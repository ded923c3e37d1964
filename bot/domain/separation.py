"""Separation of duties: who has to stand behind an allow while not all behind a change are known.

Rules
- Where a human behind the change is unknown, it may be whoever would allow it. The policy says what
  an allow takes then: a second person, or the adjudicator in writing.
- Who said who somebody is doesn't allow it alone either: it would stand on their word only.
- What one proposes another makes a decision, by allowing as much or less. Who is an initiator
  proposes nothing (see `fold`).
"""

from dataclasses import replace
from datetime import timedelta

from bot.domain.access import roles_of, sure_roles
from bot.domain.ask import Ask, C, letters
from bot.domain.makers import vouchers
from bot.domain.person import SYSTEM, Actor
from bot.domain.policy import OfferedScope, Role, UnknownInitiator
from bot.domain.refusal import Refusal, Why
from bot.domain.usergroups import is_sure
from bot.domain.war_room import WarRoom


def agreed(ask: Ask[C], validity: timedelta | None, scope: OfferedScope | None) -> tuple[str, ...]:
    """Those who have proposed to allow what somebody else allows now.

    Whoever couldn't allow it either by now doesn't count: who has no role any more, or one that
    rests on an old answer of Slack's alone. Nor does who is the same human by another name.
    """
    room, policy = ask.room, ask.rules.policy
    return tuple(
        each.by
        for each in room.proposals
        if each.covers(validity, scope)
        and not ask.by.is_one_with(room.person(each.by))
        and any(is_sure(room, policy, role, each.by, ask.now) for role in roles_of(room, each.by))
    )


def in_doubt(room: WarRoom, actor: Actor) -> bool:
    """Whether an allow by `actor` alone could be somebody's on their own change."""
    vouches = any(
        all(actor.is_one_with(room.person(name)) for name in names)
        for names in vouchers(room.contents.made_by, room.owners, SYSTEM)
    )
    return vouches or bool(room.unknown_makers)


def takes_second(ask: Ask[C], others: tuple[str, ...]) -> bool:
    """Whether this allow, which `others` have proposed, is a proposal itself."""
    return _takes_two(ask) and not others and in_doubt(ask.room, ask.by)


def in_its_role(ask: Ask[C]) -> Ask[C]:
    """An allow that is for the adjudicator alone, in that role where who gives it has it too."""
    if _takes_two(ask) or not in_doubt(ask.room, ask.by):
        return ask
    roles = sure_roles(ask.room, ask.actor, type(ask.command), ask.rules.policy, ask.now)
    return replace(ask, acting_role=Role.ADJUDICATOR) if Role.ADJUDICATOR in roles else ask


def refused(ask: Ask[C], reason: str) -> Refusal | None:
    """The refusal of an allow that is for the adjudicator alone, with a written `reason`."""
    if _takes_two(ask) or not in_doubt(ask.room, ask.by):
        return None
    if ask.acting_role is not Role.ADJUDICATOR:
        message = (
            "It isn't known who made this change. Under this policy only the adjudicator can "
            "allow it then, with a written reason."
        )
        return Refusal(Why.NOT_ALLOWED, message)
    if not letters(reason):
        message = "It isn't known who made this change: allowing it takes a written reason."
        return Refusal(Why.INVALID, message, "reason")
    return None


def _takes_two(ask: Ask[C]) -> bool:
    """Whether it is by two people that the policy has allowed what somebody unknown made."""
    return ask.rules.policy.unknown_initiator is UnknownInitiator.SECOND_PERSON

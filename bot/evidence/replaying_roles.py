"""Replays who has which role: it follows from the policy, and from what has moved it since.

Rules
- Nobody holds a role whom neither the policy names nor a user group, an operator, or whoever handed
  it on: so a role that is written into an event is found, and with it what would be decided in it.
- Whom Slack named as a group's members is taken as it is on record: that Slack said so can't be
  shown. The group is the policy's.
- Of a group's answer before answers were kept nothing is said.
"""

from collections.abc import Iterator

from bot.domain import assignments, usergroups
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain.assignments import Assignments
from bot.domain.makers import names_of
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind
from bot.evidence.judging import Found


def opening(event: e.Opened, policy: Policy) -> Iterator[Found]:
    """What is wrong with the roles in a new room."""
    given = assignments.assigned(policy, names_of(event.makers, {}), event.decide)
    yield from _unlike(given, event.assignments)


def faults(room: WarRoom, event: object, policy: Policy) -> Iterator[Found]:
    """What is wrong with the roles after an event of a room that is there."""
    match event:
        case e.Joined():
            decide = event.terms.decide if event.terms else room.decide
            held = assignments.in_roles(room, policy, decide)
            left = assignments.without(held, names_of(event.makers, room.owners))
            yield from _unlike(left, event.assignments)
        case e.Identified():
            left = assignments.without(room.assignments, event.names)
            yield from _unlike(left, event.assignments)
        case d.Unreachable():
            after = assignments.skip_unreachable(room.assignments, event.name, room.unreachable)
            yield from _unlike(
                after if room.decision is None else room.assignments, event.assignments
            )
        case e.Assigned():
            if event.to in room.initiators:
                yield Found(Kind.OWN_VIOLATION, "whoever made the change is given a role")
            given = assignments.hand_off_to(room.assignments, event.role, event.to)
            yield from _unlike(given, event.assignments)
        case e.Reassigned() if event.group:
            yield from _resolved(room, event, policy)


def _resolved(room: WarRoom, event: e.Reassigned, policy: Policy) -> Iterator[Found]:
    after = next((each for each in event.assignments if each.role == event.role), None)
    answer = after.group(backup=event.backup) if after else None
    asked = usergroups.id_of(room, event.role, policy, backup=event.backup)
    if answer is None or not answer.id == event.group == asked:
        yield Found(Kind.NOT_ENTITLED, f"behind the {event.role} is no user group {event.group}")
        return
    listed = usergroups.listed(room, policy, event.role)
    given = assignments.with_group(room, event.role, answer, listed)
    yield from _unlike(given, event.assignments)


def _unlike(given: Assignments, said: Assignments) -> Iterator[Found]:
    if given != said:
        yield Found(Kind.NOT_ENTITLED, "its policy leads to other people in the roles", True)

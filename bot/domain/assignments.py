"""Who is on duty in which role: the first eligible member, while the rest may act too.

Rules
- An initiator has no role to decide in, whatever the configuration gives them.
- A role that isn't asked to decide is nobody's.
- Where every member is an initiator, a backup is on duty; where no one is left, nobody is,
  and the room says so.
"""

from collections.abc import Collection

from bot.domain.policy import DECIDERS, Policy, Role, Roster
from bot.domain.role_sources import Assignment, UserGroup
from bot.domain.war_room import WarRoom

Assignments = tuple[Assignment, ...]


def assigned(
    policy: Policy, initiators: Collection[str], decide: Collection[Role] = DECIDERS
) -> Assignments:
    """Who has which role in a new room, in which the roles in `decide` decide."""
    nobody = Roster(label="")
    rosters = ((role, policy.roster(role) if role in decide else nobody) for role in DECIDERS)
    return tuple(
        _filled(
            Assignment(
                role=role,
                others=tuple(name for name in roster.members if name not in initiators),
                backups=tuple(
                    name for name in roster.backups if name not in (*roster.members, *initiators)
                ),
                unknown_group=roster.member_group,
                unknown_backup_group=roster.backup_group,
            )
        )
        for role, roster in rosters
    )


def in_roles(room: WarRoom, policy: Policy, decide: Collection[Role]) -> Assignments:
    """The assignments once only the roles in `decide` decide: those that decided keep theirs."""
    if decide == room.decide:
        return room.assignments
    anew = assigned(policy, room.initiators, decide)
    return tuple(
        room.assignment(each.role) if each.role in decide and each.role in room.decide else each
        for each in anew
    )


def without(assignments: Assignments, people: Collection[str]) -> Assignments:
    """The assignments once `people` have left theirs; the next in the order of duty moves up."""
    return tuple(_filled(_left(each, people)) for each in assignments)


def skip_unreachable(
    assignments: Assignments, person: str, unreachable: Collection[str]
) -> Assignments:
    """The assignments once `person`, whom Slack can't reach, has made way to whom it can.

    They may still act: an unreachable person who turns up is welcome.
    """
    return tuple(
        put_on_duty(each, heir)
        if each.on_duty == person and (heir := _next(each, unreachable))
        else each
        for each in assignments
    )


def hand_off_to(assignments: Assignments, role: Role, to: str) -> Assignments:
    """The assignments once `role` went to `to`; who had it stays as one of the others."""
    return tuple(put_on_duty(each, to) if each.role == role else each for each in assignments)


def with_group(
    room: WarRoom, role: Role, answer: UserGroup, listed: Collection[str]
) -> Assignments:
    """The assignments once Slack told who is in the user group behind `role` in `room`.

    Who is in it no more keeps the role only where `listed`, or by the other group. An initiator
    gets none by it. Where whoever is on duty left, the next who can be reached takes over.
    """

    def filled(assignment: Assignment) -> Assignment:
        others = tuple(group for group in assignment.groups if group.backup is not answer.backup)
        staying = {*listed, *answer.members, *(name for each in others for name in each.members)}
        gone = set(_by_group(assignment, backup=answer.backup)) - staying
        unknown = "unknown_backup_group" if answer.backup else "unknown_group"
        known = assignment.but(groups=(*others, answer), **{unknown: None})
        left = _left(known, gone)
        new = tuple(
            name for name in answer.members if name not in (*left.holders, *room.initiators)
        )
        if answer.backup:
            return _filled(left.but(backups=left.backups + new), room.unreachable)
        return _filled(left.but(others=left.others + new), room.unreachable)

    return tuple(filled(each) if each.role == role else each for each in room.assignments)


def put_on_duty(assignment: Assignment, name: str) -> Assignment:
    """The assignment with `name` on duty; who was before is one of the others."""
    before = assignment.on_duty
    return assignment.but(
        on_duty=name,
        others=tuple(other for other in assignment.others if other != name)
        + ((before,) if before and before != name else ()),
        backups=tuple(backup for backup in assignment.backups if backup != name),
    )


def _left(assignment: Assignment, people: Collection[str]) -> Assignment:
    return assignment.but(
        on_duty=None if assignment.on_duty in people else assignment.on_duty,
        others=tuple(name for name in assignment.others if name not in people),
        backups=tuple(name for name in assignment.backups if name not in people),
    )


def _by_group(assignment: Assignment, *, backup: bool) -> tuple[str, ...]:
    """Who may have the role by a group, before it answers anew."""
    answer = assignment.group(backup=backup)
    if answer:
        return answer.members
    if backup:
        return () if assignment.unknown_backup_group else assignment.backups
    # A room that was opened before answers were kept: whoever is in front may be there by it.
    in_front = tuple(name for name in assignment.holders if name not in assignment.backups)
    return () if assignment.unknown_group else in_front


def _filled(assignment: Assignment, unreachable: Collection[str] = ()) -> Assignment:
    heir = _next(assignment, unreachable) or _next(assignment)
    # While Slack has still to name the members of a group, its backup is not put on duty.
    if assignment.on_duty or not heir or (assignment.unknown_group and not assignment.others):
        return assignment
    return put_on_duty(assignment, heir)


def _next(assignment: Assignment, unreachable: Collection[str] = ()) -> str | None:
    candidates = assignment.others + assignment.backups
    return next((name for name in candidates if name not in unreachable), None)

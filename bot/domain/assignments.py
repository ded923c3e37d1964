"""Who is on duty in which role: the first eligible member, while the rest may act too.

Rules
- An initiator has no role to decide in, whatever the configuration gives them.
- Where every member is an initiator, a backup is on duty; where no one is left, nobody is,
  and the room says so.
"""

from collections.abc import Collection

from bot.domain.policy import Policy, Role
from bot.domain.war_room import Assignment

DECIDERS = (Role.VALIDATOR, Role.ADJUDICATOR)
Assignments = tuple[Assignment, ...]


def assigned(policy: Policy, initiators: Collection[str]) -> Assignments:
    """Who has which role in a new room."""
    rosters = ((role, policy.roster(role)) for role in DECIDERS)
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


def without(assignments: Assignments, people: Collection[str]) -> Assignments:
    """The assignments once `people` have left theirs; the next in the order of duty moves up."""
    return tuple(
        _filled(
            each.but(
                on_duty=None if each.on_duty in people else each.on_duty,
                others=tuple(name for name in each.others if name not in people),
                backups=tuple(name for name in each.backups if name not in people),
            )
        )
        for each in assignments
    )


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
    assignments: Assignments, role: Role, names: tuple[str, ...], *, backup: bool
) -> Assignments:
    """The assignments once Slack told who is in the user group behind `role`."""

    def filled(assignment: Assignment) -> Assignment:
        new = tuple(name for name in names if name not in assignment.holders)
        if backup:
            backups = assignment.backups + new
            return _filled(assignment.but(backups=backups, unknown_backup_group=None))
        return _filled(assignment.but(others=assignment.others + new, unknown_group=None))

    return tuple(filled(each) if each.role == role else each for each in assignments)


def put_on_duty(assignment: Assignment, name: str) -> Assignment:
    """The assignment with `name` on duty; who was before is one of the others."""
    before = assignment.on_duty
    return assignment.but(
        on_duty=name,
        others=tuple(other for other in assignment.others if other != name)
        + ((before,) if before and before != name else ()),
        backups=tuple(backup for backup in assignment.backups if backup != name),
    )


def _filled(assignment: Assignment) -> Assignment:
    heir = _next(assignment)
    # While Slack has still to name the members of a group, its backup is not put on duty.
    if assignment.on_duty or not heir or (assignment.unknown_group and not assignment.others):
        return assignment
    return put_on_duty(assignment, heir)


def _next(assignment: Assignment, unreachable: Collection[str] = ()) -> str | None:
    candidates = assignment.others + assignment.backups
    return next((name for name in candidates if name not in unreachable), None)

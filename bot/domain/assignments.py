"""Who sits where: the first eligible member of a role is on duty, the rest may act too.

Rules
- An initiator has no seat, whatever roles the configuration gives them.
- Where every member is an initiator, a backup is on duty; where no one is left, nobody is,
  and the room says so.
"""

from collections.abc import Collection

from bot.domain.policy import Policy, Role, Roster
from bot.domain.war_room import Assignment

DECIDERS = (Role.VALIDATOR, Role.ADJUDICATOR)


def seats(policy: Policy, initiators: Collection[str]) -> tuple[Assignment, ...]:
    """The seats of a new room."""
    return tuple(_seat(role, policy.bench(role), initiators) for role in DECIDERS)


def _seat(role: Role, bench: Roster, initiators: Collection[str]) -> Assignment:
    seat = Assignment(
        role=role,
        label=bench.label,
        others=bench.members,
        backups=tuple(user for user in bench.backups if user not in bench.members),
        unknown_group=bench.member_group,
        unknown_backup_group=bench.backup_group,
    )
    return _filled(_without(seat, initiators))


def without(seated: tuple[Assignment, ...], people: Collection[str]) -> tuple[Assignment, ...]:
    """The seats once `people` have left theirs; the next in the order of duty moves up."""
    return tuple(_filled(_without(seat, people)) for seat in seated)


def skip_unreachable(
    seated: tuple[Assignment, ...], person: str, unreachable: Collection[str]
) -> tuple[Assignment, ...]:
    """The seats once `person`, whom Slack can't reach, has made way to somebody whom it can.

    They may still act: an unreachable person who turns up is welcome.
    """
    return tuple(
        _to(seat, heir) if seat.on_duty == person and (heir := _next(seat, unreachable)) else seat
        for seat in seated
    )


def handed(seated: tuple[Assignment, ...], role: Role, to: str) -> tuple[Assignment, ...]:
    """The seats once `role` went to `to`; who had it stays as one of the others."""
    return tuple(_to(seat, to) if seat.role is role else seat for seat in seated)


def with_group(
    seated: tuple[Assignment, ...], role: Role, users: tuple[str, ...], *, backup: bool
) -> tuple[Assignment, ...]:
    """The seats once Slack told who is in the user group behind `role`."""
    return tuple(
        _filled(_joined(seat, users, backup=backup)) if seat.role is role else seat
        for seat in seated
    )


def _joined(seat: Assignment, users: tuple[str, ...], *, backup: bool) -> Assignment:
    new = tuple(user for user in users if user not in seat.holders)
    if backup:
        return _changed(seat, backups=seat.backups + new, unknown_backup_group=None)
    return _changed(seat, others=seat.others + new, unknown_group=None)


def _without(seat: Assignment, people: Collection[str]) -> Assignment:
    return _changed(
        seat,
        on_duty=None if seat.on_duty in people else seat.on_duty,
        others=tuple(user for user in seat.others if user not in people),
        backups=tuple(user for user in seat.backups if user not in people),
    )


def _filled(seat: Assignment) -> Assignment:
    heir = _next(seat)
    # While Slack has still to name the members of a group, its backup is not put on duty.
    if seat.on_duty or not heir or (seat.unknown_group and not seat.others):
        return seat
    return _to(seat, heir)


def _next(seat: Assignment, unreachable: Collection[str] = ()) -> str | None:
    return next((user for user in seat.others + seat.backups if user not in unreachable), None)


def _to(seat: Assignment, heir: str) -> Assignment:
    before = (seat.on_duty,) if seat.on_duty and seat.on_duty != heir else ()
    return _changed(
        seat,
        on_duty=heir,
        others=tuple(user for user in seat.others if user != heir) + before,
        backups=tuple(user for user in seat.backups if user != heir),
    )


def _changed(seat: Assignment, **fields: object) -> Assignment:
    return seat.model_copy(update=fields)

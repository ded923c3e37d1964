"""Slack user groups that hold roles: whose part rests on one, and when one has to be asked anew.

Rules
- An answer of Slack's holds for `HOLDS`. Whoever holds a role by a group alone does nothing of
  weight in it by an older one: whoever has left since could.
- Whom the policy names, or an operator has assigned, has the role whatever Slack says.
- Of a room that was opened before answers were kept, no answer is known: its groups are asked.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain import excepted
from bot.domain.policy import Policy, Role
from bot.domain.role_sources import UserGroup
from bot.domain.war_room import WarRoom

HOLDS = timedelta(minutes=10)


class Behind(NamedTuple):
    """A user group that stands behind a role, in front or as its backup."""

    role: Role
    backup: bool
    group: str


def listed(room: WarRoom, policy: Policy, role: Role) -> frozenset[str]:
    """Who has `role` without any group: those whom the policy names, and whom an operator has."""
    roster = policy.roster(role) if role.is_known else None
    named = (*roster.members, *roster.backups) if roster else ()
    return frozenset((*named, *(each.name for each in room.appointed if each.role == role)))


def rests_on(room: WarRoom, policy: Policy, role: Role, name: str) -> tuple[UserGroup, ...] | None:
    """The groups, as Slack named them last, by which alone somebody holds `role`.

    None where they have it otherwise, or not at all.
    """
    assignment = room.assignment(role)
    if name not in assignment.holders or name in listed(room, policy, role):
        return None
    return tuple(group for group in assignment.groups if name in group.members)


def is_sure(room: WarRoom, policy: Policy, role: Role, name: str, now: datetime) -> bool:
    """Whether somebody's part in `role` doesn't rest on an old answer of Slack's alone."""
    groups = rests_on(room, policy, role, name)
    return groups is None or any(now - group.asked_at <= HOLDS for group in groups)


def to_ask(room: WarRoom, policy: Policy, now: datetime) -> tuple[Behind, ...]:
    """The groups whose last answer is old, or of which none is known.

    None once it is decided, but while its exception holds: that is renewed in the same roles.
    """
    if room.decision and not excepted.holds(room):
        return ()
    return tuple(
        behind
        for behind in _behind(room, policy)
        if not (answer := room.assignment(behind.role).group(backup=behind.backup))
        or now - answer.asked_at > HOLDS
    )


def _behind(room: WarRoom, policy: Policy) -> Iterator[Behind]:
    for assignment in room.assignments:
        for backup in (False, True):
            group = id_of(room, assignment.role, policy, backup=backup)
            if group:
                yield Behind(assignment.role, backup, group)


def id_of(room: WarRoom, role: Role, policy: Policy, *, backup: bool) -> str | None:
    """Slack's id of the group behind a role; None: there is none, or the role doesn't decide."""
    assignment = room.assignment(role)
    answer = assignment.group(backup=backup)
    waiting = assignment.unknown_backup_group if backup else assignment.unknown_group
    if answer or waiting:
        return answer.id if answer else waiting
    if not role.is_known or role not in room.decide:
        return None
    roster = policy.roster(role)
    return roster.backup_group if backup else roster.member_group


def perhaps_in(room: WarRoom, policy: Policy, now: datetime) -> str:
    """What somebody is told who may be in a group of which Slack hasn't said who is in it."""
    groups = sorted({behind.group for behind in to_ask(room, policy, now)})
    if not groups:
        return ""
    return (
        f" Slack hasn't said lately who is in the user group {', '.join(groups)}: "
        "if you are, please try again in a moment."
    )

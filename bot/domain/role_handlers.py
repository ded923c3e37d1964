"""What gives a role, or takes it away, though nobody who has it asks: user groups, operators."""

from bot.domain import assignments, excepted, usergroups
from bot.domain import commands as c
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.ask import Answer, Ask, misfit
from bot.domain.refusal import Refusal, Why
from bot.domain.role_sources import UserGroup


def resolve_group(ask: Ask[c.ResolveGroup]) -> Answer:
    """Slack's answer, where it is the first, or a newer one while somebody may act by it.

    Initiators in the group get no role.
    """
    command, room = ask.command, ask.room
    before = room.assignment(command.role)
    group = usergroups.id_of(room, command.role, ask.rules.policy, backup=command.backup)
    waiting = before.unknown_backup_group if command.backup else before.unknown_group
    if group is None or (room.decision and not waiting and not excepted.holds(room)):
        return Refusal(Why.NOTHING_TO_DO, "No group is to be asked behind that role any more.")
    answer = UserGroup(
        id=group,
        backup=command.backup,
        asked_at=min(command.asked_at or ask.now, ask.now),
        members=tuple(dict.fromkeys(ask.names[person.name] for person in command.members)),
        error=command.error,
    )
    known = before.group(backup=command.backup)
    if known and answer.asked_at <= known.asked_at:
        return Refusal(Why.NOTHING_TO_DO, "That answer of Slack's, or a newer one, is known.")
    listed = usergroups.listed(room, ask.rules.policy, command.role)
    resolved = assignments.with_group(room, command.role, answer, listed)
    after = next(each for each in resolved if each.role == command.role)
    return (
        e.Reassigned(
            role=command.role,
            assignments=resolved,
            group=group,
            backup=command.backup,
            joined=tuple(name for name in after.holders if name not in before.holders),
            left=tuple(name for name in before.holders if name not in after.holders),
            error=command.error,
        ),
    )


def assign(ask: Ask[c.Assign]) -> Answer:
    """To anybody but an initiator, with a reason; whoever was on duty may still act."""
    command, room = ask.command, ask.room
    to, why = ask.names[command.to.name], command.why.strip()
    if to in room.initiators:
        message = "{to} made this change, and nobody decides on their own violation."
        return Refusal(Why.OWN_VIOLATION, message, "to", {"to": (command.to,)})
    if ask.now >= room.expires_at:
        message = f"The window of war room {room.id} has ended; the policy's default holds."
        return Refusal(Why.LAPSED, message)
    if room.assignment(command.role).on_duty == to:
        message = f"{{to}} is the {command.role} on duty already."
        return Refusal(Why.NOTHING_TO_DO, message, "to", {"to": (command.to,)})
    assigned = assignments.hand_off_to(room.assignments, command.role, to)
    return misfit("reason", why) or (
        e.Assigned(role=command.role, to=to, why=why, assignments=assigned),
    )


def record_team(ask: Ask[r.RecordTeam]) -> Answer:
    """Of somebody whom the room knows; again only where it is another."""
    command, room = ask.command, ask.room
    if command.name not in room.people or room.slack_teams.get(command.name) == command.team:
        return Refusal(Why.NOTHING_TO_DO, "That is known, or of no use here.")
    return (d.TeamRecorded(name=command.name, team=command.team),)

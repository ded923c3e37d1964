"""Who is who in a room, and who has seen it.

Rules
- Somebody whom Slack doesn't know or can't reach is shown as such, with the reason.
- A user group is named, never mentioned: a mention would call all of its members.
"""

from bot.domain import access
from bot.domain.policy import Role
from bot.domain.war_room import Assignment, WarRoom
from bot.integrations.slack.show.text import SLACK_ID, clip, mention, mentions, outside

SEEN, MISSING = "✓", "⚠"
_INITIATORS = 5
_OTHERS = 12
_LINE = 600

# Slack's names for it, in words.
_REASONS = {
    "cannot_dm_bot": "a bot",
    "channel_not_found": "Slack finds no conversation with them",
    "messages_tab_disabled": "messages to them are switched off",
    "no_user": "unknown to Slack",
    "org_user_not_in_team": "not in this workspace",
    "ura_max_channels": "a guest with no room for a channel",
    "user_disabled": "account deactivated",
    "user_is_restricted": "a guest",
    "user_is_ultra_restricted": "a guest",
    "user_not_found": "unknown to Slack",
    "user_not_visible": "not visible to the app",
}


def lines(room: WarRoom) -> list[str]:
    """A line for each role."""
    return [initiators(room), *(_seat(room, seat) for seat in room.seats)]


def initiators(room: WarRoom) -> str:
    """Who made the change."""
    known = [_person(room, user) for user in room.initiators[:_INITIATORS]]
    if len(room.initiators) > _INITIATORS:
        known.append(f"{len(room.initiators) - _INITIATORS} more")
    known += [
        f"{outside(label, 100)} {MISSING} ({reason(error)})"
        for label, error in list(room.unreachable.items())[:_INITIATORS]
        if not SLACK_ID.fullmatch(label)
    ]
    if not known:
        label = room.violation.report.initiator.label
        known = [f"{outside(label, 100)} {MISSING} (not known in Slack)"]
    return clip(f"*Initiator*: {', '.join(known)}", _LINE)


def reason(error: str) -> str:
    """Why somebody can't be reached, in words."""
    return _REASONS.get(error) or outside(error, 100)


def part_of(room: WarRoom, user: str) -> str:
    """The part that `user` has in `room`, in words: `validator and adjudicator`."""
    roles = access.roles_of(room, user)
    return " and ".join(_part(room, user, role) for role in roles) or "participant"


def _part(room: WarRoom, user: str, role: Role) -> str:
    if role is Role.INITIATOR or user not in room.seat(role).backups:
        return role.value
    return f"backup {role.value}"


def _seat(room: WarRoom, seat: Assignment) -> str:
    role = seat.role.value.capitalize()
    label = f" ({outside(seat.label, 60)})" if seat.label else ""
    if seat.on_duty:
        who = _person(room, seat.on_duty)
    elif seat.unknown_group or seat.unknown_backup_group:
        who = "Slack is being asked who is in this group"
    else:
        who = f"{MISSING} nobody eligible"
    others = f"\n      may act too: {mentions(seat.others, _OTHERS)}" if seat.others else ""
    backups = f"\n      backup: {mentions(seat.backups, _OTHERS)}" if seat.backups else ""
    return clip(f"*{role}*{label}: {who}{others}{backups}", _LINE)


def _person(room: WarRoom, user: str) -> str:
    if user in room.acknowledged:
        return f"{mention(user)} {SEEN} acknowledged"
    if user in room.unreachable:
        return f"{mention(user)} {MISSING} can't be reached ({reason(room.unreachable[user])})"
    return mention(user)

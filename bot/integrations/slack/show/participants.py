"""Who is who in a room, and who has seen it. People stand here by their names in the room.

Rules
- Somebody whom Slack doesn't know or can't reach is shown as such, with the reason.
- A user group is named, never mentioned: a mention would call all of its members.
"""

from collections.abc import Sequence

from bot.domain import access
from bot.domain.makers import Maker
from bot.domain.person import GITHUB, SLACK
from bot.domain.policy import Policy, Role
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.text import clip, outside, person

SEEN, MISSING = "✓", "⚠"
_INITIATORS = 5
_OTHERS = 12
_LINE = 600

_AT = {GITHUB: " at GitHub", SLACK: " in Slack"}

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


def lines(room: WarRoom, policy: Policy) -> list[str]:
    """A line for each role."""
    roles = [initiators(room)]
    for assignment in room.assignments:
        source = policy.roster(assignment.role).label if assignment.role.is_known else ""
        label = f" ({outside(source, 60)})" if source else ""
        if assignment.on_duty:
            who = _with_mark(room, assignment.on_duty)
        elif assignment.unknown_group or assignment.unknown_backup_group:
            who = "Slack is being asked who is in this group"
        else:
            who = f"{MISSING} nobody eligible"
        role = f"*{assignment.role.capitalize()}*{label}: {who}"
        if assignment.others:
            role += f"\n      may act too: {several(room, assignment.others, _OTHERS)}"
        if assignment.backups:
            role += f"\n      backup: {several(room, assignment.backups, _OTHERS)}"
        roles.append(clip(role, _LINE))
    return roles


def initiators(room: WarRoom) -> str:
    """Who made the change, and who of them isn't known."""
    known = [_with_mark(room, name) for name in room.initiators[:_INITIATORS]]
    if len(room.initiators) > _INITIATORS:
        known.append(f"{len(room.initiators) - _INITIATORS} more")
    unknown = room.unknown_makers
    for maker in unknown[:_INITIATORS]:
        asked = any(account in room.awaited for account in maker.accounts)
        state = "Slack is being asked who that is" if asked else "not known here"
        known.append(f"{unknown_label(maker)} {MISSING} ({state})")
    if len(unknown) > _INITIATORS:
        known.append(f"{len(unknown) - _INITIATORS} more who are not known")
    return clip(f"*Initiator*: {', '.join(known)}", _LINE)


def unknown_label(maker: Maker) -> str:
    """What somebody is called of whom it isn't known who they are, in mrkdwn."""
    labels = [outside(account_label(account), 100) for account in maker.accounts]
    return " / ".join(labels) or "somebody"


def account_label(account: str) -> str:
    """An account in words: an address as it is, `ada at GitHub`, `U0ADA in Slack`."""
    system, _, text = account.partition(":")
    return f"{text}{_AT.get(system, '')}"


def reason(error: str) -> str:
    """Why somebody can't be reached, in words."""
    return _REASONS.get(error) or outside(error, 100)


def part_of(room: WarRoom, name: str) -> str:
    """The part that somebody has in `room`, in words: `validator and adjudicator`."""
    parts = [
        f"backup {role}"
        if role is not Role.INITIATOR and name in room.assignment(role).backups
        else role.value
        for role in access.roles_of(room, name)
    ]
    return " and ".join(parts) or "participant"


def called(room: WarRoom, name: str) -> str:
    """A mention of somebody."""
    return person(room.person(name))


def several(room: WarRoom, names: Sequence[str], most: int = 20) -> str:
    """Mentions of several, and how many more there are."""
    shown = ", ".join(called(room, name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _with_mark(room: WarRoom, name: str) -> str:
    if name in room.acknowledged:
        return f"{called(room, name)} {SEEN} acknowledged"
    if name in room.unreachable:
        why = reason(room.unreachable[name])
        return f"{called(room, name)} {MISSING} can't be reached ({why})"
    return called(room, name)

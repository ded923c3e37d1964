"""Who is who in a room, and who has seen it. People stand here by their names in the room.

Rules
- Somebody whom Slack doesn't know or can't reach is shown as such, with the reason.
- A user group is named, never mentioned: a mention would call all of its members.
- Whoever is of another workspace than the app is said to be, wherever they are mentioned.
"""

from collections.abc import Sequence

from bot.domain import access
from bot.domain.makers import Maker
from bot.domain.person import GITHUB, SERVICE, SLACK, SYSTEM
from bot.domain.policy import Policy, Role
from bot.domain.role_sources import Assignment
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.text import clip, mention, outside, person

SEEN, MISSING = "✓", "⚠"
_INITIATORS = 5
_OTHERS = 12
_LINE = 600

_AT = {GITHUB: " at GitHub", SLACK: " in Slack", SERVICE: " (a bot)"}

# Slack's names for it, in words.
_REASONS = {
    "cannot_dm_bot": "a bot",
    "channel_not_found": "Slack finds no conversation with them",
    "invalid_user_combination": "of another workspace, and in no channel with the app",
    "messages_tab_disabled": "messages to them are switched off",
    "no_such_subteam": "Slack knows no such group",
    "no_user": "unknown to Slack",
    "not_enough_users": "the app itself",
    "org_user_not_in_team": "not in this workspace",
    "paid_teams_only": "the workspace's plan has no user groups",
    "plan_upgrade_required": "the workspace's plan has no user groups",
    "subteam_not_found": "Slack knows no such group",
    "ura_max_channels": "a guest with no room for a channel",
    "user_disabled": "account deactivated",
    "user_is_restricted": "a guest",
    "user_is_ultra_restricted": "a guest",
    "user_not_found": "unknown to Slack",
    "user_not_visible": "not visible to the app",
}


def brief(room: WarRoom, policy: Policy) -> list[str]:
    """A line for each role: who it is, whether they have seen it, and what is wrong there."""
    return _roles(room, policy, whole=False)


def lines(room: WarRoom, policy: Policy) -> list[str]:
    """The same, with who may act besides."""
    return _roles(room, policy, whole=True)


def _roles(room: WarRoom, policy: Policy, *, whole: bool) -> list[str]:
    roles = [initiators(room), *_by_word(room)]
    for assignment in room.assignments:
        if assignment.role.is_known and not _takes_part(room, assignment):
            continue
        source = policy.roster(assignment.role).label if assignment.role.is_known else ""
        label = f" ({outside(source, 60)})" if source else ""
        if assignment.on_duty:
            who = _with_mark(room, assignment.on_duty)
        elif assignment.unknown_group or assignment.unknown_backup_group:
            asked, ended = "Slack is being asked", "Slack hadn't said"
            who = f"{ended if room.decision else asked} who is in this group"
        else:
            who = f"{MISSING} nobody eligible"
        lines = [
            f"*{assignment.role.capitalize()}*{label}: {who}",
            *_behind(room, assignment, whole=whole),
        ]
        roles.append(clip("\n      ".join(lines), _LINE))
    gone = [
        f"{called(room, name)} ({reason(error)})"
        for name, error in room.unreachable.items()
        if name in room.pages and not access.roles_of(room, name)
    ]
    if gone:
        roles.append(clip(f"{MISSING} Passed over: {', '.join(gone[:_OTHERS])}", _LINE))
    return roles


def _takes_part(room: WarRoom, assignment: Assignment) -> bool:
    """Whether a role decides here, or somebody has it all the same."""
    return assignment.role in room.decide or bool(assignment.holders)


def _behind(room: WarRoom, assignment: Assignment, *, whole: bool) -> list[str]:
    """What there is to say of a role beside who is on duty."""
    found = [
        f"assigned by an operator ({outside(each.by.removeprefix('login:'), 100)}): "
        f"{called(room, each.name)}, {outside(each.why, 200)}"
        for each in room.appointed
        if each.role == assignment.role
    ]
    behind = assignment.others + assignment.backups
    passed_over = [
        f"{called(room, name)} ({reason(room.unreachable[name])})"
        for name in behind[:_OTHERS]
        if name in room.unreachable
    ]
    if passed_over:
        found.append(f"{MISSING} passed over: {', '.join(passed_over)}")
    besides = (("may act too", assignment.others), ("backup", assignment.backups))
    for label, names in besides if whole else ():
        reached = [name for name in names if name not in room.unreachable]
        found += [f"{label}: {several(room, reached, _OTHERS)}"] if reached else []
    found += [
        f"{MISSING} user group {outside(group.id, 40)}: nobody, since "
        f"{reason(group.error) if group.error else 'nobody is in it'}"
        for group in assignment.groups
        if not group.members
    ]
    return found


def initiators(room: WarRoom) -> str:
    """Who made the change, and who of them isn't known; each of them once."""
    unknown = room.unknown_makers
    shown = {name for maker in unknown for name in _bare_ids(room, maker)}
    names = [name for name in room.initiators if name not in shown]
    known = [_with_mark(room, name) for name in names[:_INITIATORS]]
    if len(names) > _INITIATORS:
        known.append(f"{len(names) - _INITIATORS} more")
    known += [_unknown(room, maker) for maker in unknown[:_INITIATORS]]
    if len(unknown) > _INITIATORS:
        known.append(f"{len(unknown) - _INITIATORS} more who are not known")
    return clip(f"*Initiator*: {', '.join(known)}", _LINE)


def _bare_ids(room: WarRoom, maker: Maker) -> list[str]:
    """Of the names of somebody unknown, those that are no more than an account of theirs."""
    return [name for name in maker.names if set(room.person(name).accounts) & set(maker.accounts)]


def _unknown(room: WarRoom, maker: Maker) -> str:
    asked = any(account in room.awaited for account in maker.accounts)
    unknown_here = "nobody human is named" if is_bot(maker) else "not known here"
    states = ["Slack is being asked who that is" if asked else unknown_here]
    states += [
        f"can't be reached: {reason(room.unreachable[name])}"
        for name in _bare_ids(room, maker)
        if name in room.unreachable
    ]
    return f"{unknown_label(maker)} {MISSING} ({'; '.join(states)})"


def is_bot(maker: Maker) -> bool:
    """Whether nothing but service accounts stands for somebody."""
    return bool(maker.accounts) and all(each.startswith(f"{SERVICE}:") for each in maker.accounts)


def _by_word(room: WarRoom) -> list[str]:
    """Whose word it is, for each account that somebody here said is an initiator's."""
    told = [
        f"{outside(account_label(account), 100)} is {several(room, owner.names)}, "
        f"by the word of {called(room, owner.by)}"
        for account, owner in room.owners.items()
        if owner.names and owner.by != SYSTEM
    ]
    if len(told) > _INITIATORS:
        told[_INITIATORS:] = [f"… and {len(told) - _INITIATORS} more by somebody's word"]
    return [clip(f"      {line}", _LINE) for line in told]


def unknown_label(maker: Maker) -> str:
    """What somebody is called of whom it isn't known who they are, in mrkdwn.

    Slack shows a name for an id of its own.
    """
    labels = [
        mention(text) if system == SLACK else outside(account_label(account), 100)
        for account in maker.accounts
        for system, _, text in [account.partition(":")]
    ]
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
    """A mention of somebody, and where they come from, unless it is the workspace of the app."""
    team = room.slack_teams.get(name)
    return person(room.person(name)) + (f" (from team {outside(team, 40)})" if team else "")


def several(room: WarRoom, names: Sequence[str], most: int = 20) -> str:
    """Mentions of several, and how many more there are."""
    shown = ", ".join(called(room, name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _with_mark(room: WarRoom, name: str) -> str:
    if name in room.acknowledged:
        return f"{called(room, name)} {SEEN} seen"
    if name in room.unreachable:
        why = reason(room.unreachable[name])
        return f"{called(room, name)} {MISSING} can't be reached ({why})"
    return called(room, name) if room.decision else f"{called(room, name)} (not seen yet)"

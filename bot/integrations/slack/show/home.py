"""App Home: what waits for one person, the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.domain import access
from bot.domain.policy import Policy
from bot.domain.war_room import State, WarRoom
from bot.integrations.slack.show import buttons, cards, links, participants
from bot.integrations.slack.show.blocks import VIEW_BLOCKS, context, divider, header, section
from bot.integrations.slack.show.text import Block, View, date, long, outside
from bot.integrations.slack.show.violation import named
from bot.integrations.slack.verbs.verb import Verbs

NOTHING = (
    "Nothing waits for you. When a change breaks a policy and you are needed, it stands here, "
    "with the buttons to settle it."
)
BY_HAND = (
    "Seen something that no pipeline reports? `/warroom open` opens a war room by hand. "
    "`/warroom help` lists the rest."
)
_EACH = 4  # blocks at most for one room, the line above it included
_AROUND = 4
_LINKS = 1000


def home(
    user: str,
    rooms: Sequence[WarRoom],
    policies: Mapping[str, Policy],
    verbs: Verbs,
    now: datetime,
) -> View:
    """The home tab of `user`; `policies` by room id."""
    waits = waiting(user, rooms)
    shown = waits[: (VIEW_BLOCKS - _AROUND) // _EACH]
    blocks = [header(_headline(len(waits)))]
    for room in shown:
        blocks += _room(room, policies[room.id], user, verbs, now)
    if not waits:
        blocks.append(section(NOTHING))
    if len(waits) > len(shown):
        blocks.append(context(f"… and {len(waits) - len(shown)} more: `/warroom mine` lists them."))
    return {"type": "home", "blocks": [*blocks, divider(), context(BY_HAND)]}


def waiting(user: str, rooms: Iterable[WarRoom]) -> list[WarRoom]:
    """The open rooms that wait for `user`: the earliest deadline first, then the most severe.

    A backup is not waited for until the clock has paged them.
    """
    mine = [
        room
        for room in rooms
        if room.state is State.OPEN and access.roles_of(room, user) and user in room.invited
    ]
    return sorted(mine, key=lambda room: (room.expires_at, -room.severity.rank, room.id))


def line(room: WarRoom, now: datetime) -> str:
    """A room in a line: how severe, which, which policy, until when."""
    return (
        f"{cards.MARKS[room.severity]} `{room.id}` {outside(room.policy_id, 60)}, {left(room, now)}"
    )


def left(room: WarRoom, now: datetime) -> str:
    """How much of the window is left."""
    if now >= room.expires_at:
        return "the window has ended"
    return f"decide by {date(room.expires_at)} ({long(room.expires_at - now)} left)"


def _headline(count: int) -> str:
    if not count:
        return "All settled"
    return f"{count} {'war room waits' if count == 1 else 'war rooms wait'} for you"


def _room(room: WarRoom, policy: Policy, user: str, verbs: Verbs, now: datetime) -> list[Block]:
    where = links.channel(room)
    lines = [
        f"{cards.MARKS[room.severity]} {named(room)}",
        f"{outside(policy.title, 300)} · you are the {participants.part_of(room, user)}",
        participants.initiators(room),
        "" if room.is_storm else links.links(room.violation, _LINKS),
        f"{left(room, now)}; then {cards.DEFAULTS[policy.on_expiry]}",
        where,
    ]
    text = "\n".join(line for line in lines if line)
    rows = buttons.for_person(room, user, verbs) if now < room.expires_at else []
    return [divider(), section(text), *rows]

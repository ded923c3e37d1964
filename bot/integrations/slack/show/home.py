"""App Home: what waits for one person, the most urgent first, then what they owe and allow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.domain import access
from bot.domain.exception import PolicyException
from bot.domain.follow_up import FollowUp
from bot.domain.person import Person
from bot.domain.policy import Policy
from bot.domain.war_room import State, WarRoom
from bot.integrations.slack.show import (
    buttons,
    cards,
    exceptions,
    follow_ups,
    held_back,
    links,
    participants,
)
from bot.integrations.slack.show.blocks import VIEW_BLOCKS, context, divider, header, section
from bot.integrations.slack.show.text import View, date, long, outside
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
OWNED = "*What you allow, and answer for*"
_ALLOWS = 300
_EACH = 4  # blocks at most for one room, the line above it included
_AROUND = 4
_LINKS = 1000


def home(
    who: Person,
    rooms: Sequence[WarRoom],
    policies: Mapping[str, Policy],
    verbs: Verbs,
    now: datetime,
    owed: Sequence[FollowUp] = (),
    owned: Sequence[tuple[PolicyException, WarRoom]] = (),
) -> View:
    """The home tab of somebody; `policies` by room id.

    `owed` is what they owe, `owned` the active exceptions that are theirs, each with its room.
    """
    waits, below = waiting(who, rooms), follow_ups.listed(owed, now)
    if owned:
        first = owned[: exceptions.LISTED]
        listed = exceptions.listed(first, who, now, _ALLOWS, len(owned) - len(first))
        below += [divider(), section(OWNED), *listed]
    shown = waits[: (VIEW_BLOCKS - _AROUND - len(below)) // _EACH]
    count = f"{len(waits)} {'war room waits' if len(waits) == 1 else 'war rooms wait'} for you"
    heading = [*([count] if waits else []), *([follow_ups.heading(owed)] if owed else [])]
    blocks = [header(", ".join(heading) or "All settled")]
    for room in shown:
        policy, name = policies[room.id], room.name_of(who)
        lines = [
            f"{cards.mark(room.severity)} {named(room)}",
            f"{outside(policy.title, 300)} · you are the {participants.part_of(room, name)}",
            participants.initiators(room),
            held_back.in_a_line(room, name),
            "" if room.is_storm else links.links(room.violation, _LINKS),
            f"{left(room, now)}; then {cards.default(policy)}",
            links.channel(room),
        ]
        blocks += [divider(), section("\n".join(filter(None, lines)))]
        if now < room.expires_at:
            blocks += buttons.for_person(room, name, verbs)
    if not heading:
        blocks.append(section(NOTHING))
    if len(waits) > len(shown):
        blocks.append(context(f"… and {len(waits) - len(shown)} more: `/warroom mine` lists them."))
    return {"type": "home", "blocks": [*blocks, *below, divider(), context(BY_HAND)]}


def waiting(who: Person, rooms: Iterable[WarRoom]) -> list[WarRoom]:
    """The open rooms that wait for somebody: the earliest deadline first, then the most severe.

    A backup is not waited for until the clock has paged them.
    """
    mine = [
        room
        for room in rooms
        if room.state is State.OPEN
        and access.roles_of(room, room.name_of(who))
        and room.name_of(who) in room.invited
    ]
    return sorted(mine, key=lambda room: (room.expires_at, -room.severity.rank, room.id))


def line(room: WarRoom, now: datetime) -> str:
    """A room in a line: how severe, which, which policy, until when."""
    return (
        f"{cards.mark(room.severity)} `{room.id}` {outside(room.policy_id, 60)}, {left(room, now)}"
    )


def left(room: WarRoom, now: datetime) -> str:
    """How much of the window is left."""
    if now >= room.expires_at:
        return "the window has ended"
    return f"decide by {date(room.expires_at)} ({long(room.expires_at - now)} left)"

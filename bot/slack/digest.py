"""The digest: many rooms that need one person, in one message.

Rules
- A line a room: how severe, what, until when, where. The most severe come first.
- It has no buttons: they are in the rooms, and on the app's Home.
"""

from collections.abc import Mapping, Sequence

from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.slack import cards, links, people
from bot.slack.blocks import context, header, sections
from bot.slack.story import named
from bot.slack.text import FALLBACK_TEXT, Rendered, clip, date, outside

SHOWN = 15


def digest(rooms: Sequence[WarRoom], policies: Mapping[str, Policy], user: str) -> Rendered:
    """The message to `user` about `rooms`; `policies` by room id."""
    urgent = sorted(rooms, key=lambda room: (-room.severity.rank, room.expires_at, room.id))
    head = "A war room needs you" if len(rooms) == 1 else f"{len(rooms)} war rooms need you"
    lines = [_line(room, policies[room.id], user) for room in urgent[:SHOWN]]
    if len(urgent) > SHOWN:
        lines.append(f"… and {len(urgent) - SHOWN} more: `/warroom mine` lists them.")
    where = "One message instead of many. The buttons are in the rooms, and on this app's Home."
    summary = f"{head}, the first by {urgent[0].expires_at:%H:%M} UTC."
    return Rendered(clip(summary, FALLBACK_TEXT), [header(head), *sections(lines), context(where)])


def _line(room: WarRoom, policy: Policy, user: str) -> str:
    where = links.channel(room) or f"war room `{room.id}`, its channel follows"
    part = people.part_of(room, user)
    return (
        f"{cards.MARKS[room.severity]} {named(room)}\n"
        f"      {outside(policy.id, 60)} · you are the {part} · "
        f"by {date(room.expires_at)} · {where}"
    )

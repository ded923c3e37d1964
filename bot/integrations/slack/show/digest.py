"""The digest: many rooms that need one person, in one message.

Rules
- A line a room: how severe, what, until when, where. The most severe come first.
- It has no buttons: they are in the rooms, and on the app's Home.
"""

from collections.abc import Mapping, Sequence

from bot.domain.person import Person
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards, links, participants
from bot.integrations.slack.show.blocks import context, header, sections
from bot.integrations.slack.show.decision import in_a_line
from bot.integrations.slack.show.text import FALLBACK_TEXT, Rendered, clip, date, outside
from bot.integrations.slack.show.violation import named

SHOWN = 15


def digest(
    rooms: Sequence[WarRoom],
    missed: Sequence[WarRoom],
    policies: Mapping[str, Policy],
    who: Person,
) -> Rendered:
    """The message to somebody about `rooms`, and those `missed`; `policies` by room id."""
    urgent = sorted(rooms, key=lambda r: (not r.is_storm, -r.severity.rank, r.expires_at, r.id))
    lines = []
    for room in urgent[:SHOWN]:
        where = links.channel(room) or f"war room `{room.id}`, its channel follows"
        lines.append(
            f"{cards.mark(room.severity)} {named(room)}\n"
            f"      {outside(policies[room.id].id, 60)} · "
            f"you are the {participants.part_of(room, room.name_of(who))} · "
            f"by {date(room.expires_at)} · {where}"
        )
    if len(urgent) > SHOWN:
        lines.append(f"… and {len(urgent) - SHOWN} more: `/warroom mine` lists them.")
    for room in missed[:SHOWN]:
        result_line = in_a_line(room.decision) if room.decision else ""
        lines.append(f"Ended before you could be told: {named(room)}: {result_line}")
    if len(missed) > SHOWN:
        lines.append(f"… and {len(missed) - SHOWN} more that ended.")
    buttons = "The buttons are in the rooms, and on this app's Home."
    hint = buttons if rooms else "Nothing is left to do in them."
    count = len(rooms or missed)
    head = "A war room" if count == 1 else f"{count} war rooms"
    needs = "needs" if count == 1 else "need"
    head += f" {needs} you" if rooms else " ended before you could be told"
    broken = ", ".join(dict.fromkeys(room.policy_id for room in (*urgent, *missed)))
    summary = clip(f"{head}: {broken}", FALLBACK_TEXT)
    return Rendered(summary, [header(head), *sections(lines), context(hint)])

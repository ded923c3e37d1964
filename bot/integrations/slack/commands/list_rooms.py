"""`/warroom list`: every open room, the earliest deadline first."""

import asyncio

from bot.domain.war_room import WarRoom
from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import held_back, home, links
from bot.integrations.slack.show.blocks import sections
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.show.violation import headline

USAGE = "list: every open war room, the earliest deadline first"
SHOWN = 20


async def handle(invocation: Invocation) -> Reply:
    """List the open rooms."""
    rooms = await asyncio.to_thread(invocation.engine.store.open_rooms)
    if not rooms:
        return "No war room is open: everything is settled."
    return listed(
        invocation, rooms, f"{len(rooms)} open war {'room' if len(rooms) == 1 else 'rooms'}"
    )


def listed(invocation: Invocation, rooms: list[WarRoom], heading: str) -> Rendered:
    """Rooms, a line each; a private one shows its title to those who have a part in it."""
    lines, now = [f"*{heading}*"], invocation.engine.now()
    for room in rooms[:SHOWN]:
        lines.append(home.line(room, now))
        if invocation.may_see(room):
            where = links.channel(room)
            lines[-1] += f"\n      {headline(room, 150)}{where and f' · {where}'}"
            held = held_back.in_a_line(room, room.name_of(invocation.actor.person))
            lines[-1] += held and f"\n      {held}"
    if len(rooms) > SHOWN:
        lines.append(f"… and {len(rooms) - SHOWN} more")
    return Rendered(heading, sections(lines))


LIST = Subcommand(USAGE, handle)

"""`/warroom list`: every open room, the earliest deadline first."""

import asyncio

from bot.domain.war_room import WarRoom
from bot.integrations.slack.commands.ask import Ask, Reply
from bot.integrations.slack.show import home, links
from bot.integrations.slack.show.blocks import sections
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.show.violation import name

USAGE = "list: every open war room, the earliest deadline first"
SHOWN = 20


async def handle(ask: Ask) -> Reply:
    """List the open rooms."""
    rooms = await asyncio.to_thread(ask.engine.store.open_rooms)
    if not rooms:
        return "No war room is open: everything is settled."
    return listed(ask, rooms, f"{len(rooms)} open war {'room' if len(rooms) == 1 else 'rooms'}")


def listed(ask: Ask, rooms: list[WarRoom], heading: str) -> Rendered:
    """Rooms, a line each; a private one shows its title to those who have a part in it."""
    lines = [f"*{heading}*", *(_line(ask, room) for room in rooms[:SHOWN])]
    if len(rooms) > SHOWN:
        lines.append(f"… and {len(rooms) - SHOWN} more")
    return Rendered(heading, sections(lines))


def _line(ask: Ask, room: WarRoom) -> str:
    line = home.line(room, ask.engine.now())
    if not ask.may_see(room):
        return line
    where = links.channel(room)
    return f"{line}\n      {name(room, 150)}{where and f' · {where}'}"

"""`/warroom mine`: the open rooms that wait for the person who asks, the most urgent first."""

import asyncio

from bot.integrations.slack.commands.ask import Ask, Reply
from bot.integrations.slack.commands.list_rooms import listed
from bot.integrations.slack.show import home

USAGE = "mine: the war rooms that wait for you, the most urgent first"


async def handle(ask: Ask) -> Reply:
    """List what waits for this person."""
    rooms = await asyncio.to_thread(ask.engine.store.open_rooms_with, ask.user)
    waits = home.waiting(ask.user, rooms)
    if not waits:
        return "Nothing waits for you."
    return listed(ask, waits, f"{len(waits)} waiting for you")

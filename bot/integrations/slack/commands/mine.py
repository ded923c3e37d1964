"""`/warroom mine`: the open rooms that wait for the person who asks, the most urgent first."""

import asyncio

from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.list_rooms import listed
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import home

USAGE = "mine: the war rooms that wait for you, the most urgent first"


async def handle(invocation: Invocation) -> Reply:
    """List what waits for this person."""
    rooms = await asyncio.to_thread(invocation.engine.store.open_rooms_with, invocation.user)
    waits = home.waiting(invocation.user, rooms)
    if not waits:
        return "Nothing waits for you."
    return listed(invocation, waits, f"{len(waits)} waiting for you")


MINE = Subcommand(USAGE, handle)

"""`/warroom mine`: the open rooms that wait for whoever asks, and the follow-ups that they owe."""

import asyncio

from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.list_rooms import listed
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import follow_ups, home
from bot.storage.follow_ups import owed_by

USAGE = "mine: the war rooms that wait for you, the most urgent first, and your follow-ups"


async def handle(invocation: Invocation) -> Reply:
    """List what waits for this person."""
    who = invocation.actor.person
    rooms = await asyncio.to_thread(invocation.engine.store.open_rooms_asking, who)
    owed = await asyncio.to_thread(owed_by, invocation.engine.store, who)
    waits = home.waiting(who, rooms)
    if not waits and not owed:
        return "Nothing waits for you."
    heading = [f"{len(waits)} waiting for you"] if waits else []
    heading += [follow_ups.heading(owed)] if owed else []
    below = follow_ups.listed(owed, invocation.engine.now())
    return listed(invocation, waits, ", ".join(heading), below)


MINE = Subcommand(USAGE, handle)

"""`/warroom status`: one room as it stands, with the buttons that the person may use."""

import asyncio

from bot.integrations.slack.commands.invocation import Invocation, Reply, not_understood
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import cards
from bot.integrations.slack.show.about import about

USAGE = "status [#room]: what it is about, who is needed, until when"


async def handle(invocation: Invocation) -> Reply:
    """Show a room."""
    room, left = await invocation.room()
    if left:
        raise not_understood(left, (), USAGE)
    told = await asyncio.to_thread(about, invocation.engine, room)
    return cards.status(told, room.name_of(invocation.actor.person), invocation.verbs)


STATUS = Subcommand(USAGE, handle)

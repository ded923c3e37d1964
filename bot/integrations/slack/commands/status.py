"""`/warroom status`: one room as it stands, the person's buttons, and which pipelines wait."""

import asyncio

from bot.engine.waiting import pipelines
from bot.integrations.slack.commands.invocation import Invocation, Reply, not_understood
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import cards
from bot.integrations.slack.show.about import about
from bot.integrations.slack.show.waiting import with_pipelines

USAGE = "status [#room]: what it is about, who is needed, until when"


async def handle(invocation: Invocation) -> Reply:
    """Show a room."""
    room, left = await invocation.room()
    if left:
        raise not_understood(left, (), USAGE)
    told = await asyncio.to_thread(about, invocation.engine, room)
    message = cards.status(told, room.name_of(invocation.actor.person), invocation.verbs)
    if room.decision:
        return message
    waiting = await asyncio.to_thread(pipelines, invocation.engine, room)
    return with_pipelines(message, waiting)


STATUS = Subcommand(USAGE, handle)

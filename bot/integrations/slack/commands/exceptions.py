"""`/warroom exceptions`: what is allowed beforehand just now, those that end first first.

Rules
- Those of a private room are shown to whoever may see the room. For others they aren't there.
- A room is meant by its channel's name, an exception by its id, a subject by its name; the case of
  letters says nothing.
"""

import asyncio
from collections.abc import Callable

from bot.domain.count import counted
from bot.domain.exception import PolicyException
from bot.domain.war_room import WarRoom
from bot.integrations.slack.commands.invocation import Invocation, Reply, is_room_name, spoken
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import exceptions as show
from bot.integrations.slack.show.blocks import Detail, fitting, section
from bot.integrations.slack.show.text import Block, Rendered, outside
from bot.storage.exceptions import active_in_rooms

USAGE = "exceptions [#room|subject|mine]: what is allowed until an end, the first to end first"
MINE = "mine"
SHOWN, FEW = 8, 3  # where the first are too long for Slack


async def handle(invocation: Invocation) -> Reply:
    """List the active ones."""
    engine, now = invocation.engine, invocation.engine.now()
    who, wanted = invocation.actor.person, spoken(invocation.words)
    is_meant = _by_word(wanted)
    if is_room_name(invocation.words.partition(" ")[0]):
        room, _ = await invocation.room()
        is_meant = _by_word(room.id)
    owner = who if wanted.lower() == MINE else None

    def find() -> list[tuple[PolicyException, WarRoom]]:
        found = engine.store.ask(lambda asked: active_in_rooms(asked, now, owner))
        every = owner is not None or not wanted
        return [
            (exception, room)
            for exception, room in found
            if invocation.may_see(room) and (every or is_meant(exception))
        ]

    found = await asyncio.to_thread(find)
    of = f" for `{outside(wanted, 40)}`" if wanted else ""
    if not found:
        return f"No exception is active{of}."
    heading = f"{counted(len(found), 'active exception')}{of}"

    def blocks(detail: Detail) -> list[Block]:
        shown = found[: SHOWN if detail.joined else FEW]
        left = len(found) - len(shown)
        listed = show.listed(shown, who, now, most=detail.links // 2, left=left)
        return [section(f"*{heading}*"), *listed]

    return Rendered(heading, fitting(blocks))


def _by_word(word: str) -> Callable[[PolicyException], bool]:
    meant = word.strip("`").casefold()
    return lambda exception: meant in (exception.id, (exception.subject.name or "").casefold())


EXCEPTIONS = Subcommand(USAGE, handle)

"""`/warroom exceptions`: what is allowed beforehand just now, those that end first first.

Rules
- Those of a private room are shown to whoever may see the room. For others they aren't there.
- A room is meant by its channel's name, an exception by its id, a subject by its name; the case of
  letters says nothing. A word for which nothing is active is answered with those that it may mean.
"""

import asyncio
from collections.abc import Callable, Iterable
from difflib import get_close_matches

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

    def visible() -> list[tuple[PolicyException, WarRoom]]:
        found = engine.store.ask(lambda asked: active_in_rooms(asked, now, owner))
        return [(exception, room) for exception, room in found if invocation.may_see(room)]

    there = await asyncio.to_thread(visible)
    found = [each for each in there if owner or not wanted or is_meant(each[0])]
    of = f" for `{outside(wanted, 40)}`" if wanted else ""
    if not found:
        known = [] if owner else [name for exception, _ in there for name in _names(exception)]
        return f"No exception{' of yours' if owner else ''} is active{'' if owner else of}." + (
            _perhaps(wanted, known) if wanted else ""
        )
    heading = counted(len(found), "active exception") + (" of yours" if owner else of)

    def blocks(detail: Detail) -> list[Block]:
        shown = found[: SHOWN if detail.joined else FEW]
        left = len(found) - len(shown)
        listed = show.listed(shown, who, now, most=detail.links // 2, left=left)
        return [section(f"*{heading}*"), *listed]

    return Rendered(heading, fitting(blocks))


def _by_word(word: str) -> Callable[[PolicyException], bool]:
    meant = word.strip("`").casefold()
    return lambda exception: meant in map(str.casefold, _names(exception))


def _names(exception: PolicyException) -> tuple[str, ...]:
    """What it is called by."""
    return (*filter(None, [exception.subject.name]), exception.id)


def _perhaps(word: str, known: Iterable[str]) -> str:
    """The one that is near to a word, or those that there are."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.strip("`").casefold(), names, n=1)
    shown = ", ".join(f"`{outside(names[each], 40)}`" for each in near or [*names][:SHOWN])
    return shown and (f" Did you mean {shown}?" if near else f" Active are: {shown}.")


EXCEPTIONS = Subcommand(USAGE, handle)

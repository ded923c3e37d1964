"""`/warroom list`: every open room, the earliest deadline first."""

import asyncio
from collections.abc import Iterator, Sequence

from bot.domain.count import counted
from bot.domain.war_room import WarRoom
from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show import held_back, home, links
from bot.integrations.slack.show.blocks import Detail, fitting, sections
from bot.integrations.slack.show.text import Block, Rendered
from bot.integrations.slack.show.violation import headline

USAGE = "list: every open war room, the earliest deadline first"
SHOWN = 20
FEW = 8  # where that is too long for Slack


async def handle(invocation: Invocation) -> Reply:
    """List the open rooms."""
    store = invocation.engine.store
    rooms = await asyncio.to_thread(store.open_rooms, SHOWN)
    if not rooms:
        return "No war room is open: everything is settled."
    # Fewer than are shown are all there are; else one more may have been opened or decided since.
    count = len(rooms)
    if count == SHOWN:
        count = max(count, await asyncio.to_thread(store.open_count))
    return listed(invocation, rooms, counted(count, "open war room"), count=count)


def listed(
    invocation: Invocation,
    rooms: Sequence[WarRoom],
    heading: str,
    below: Sequence[Block] = (),
    count: int | None = None,
) -> Rendered:
    """Rooms, a line each; a private one shows its title to those who have a part in it.

    `count` is how many there are, where these are the first of them.
    What is under a policy of a high risk class is marked as that.
    """
    in_all = len(rooms) if count is None else count
    now, config = invocation.engine.now(), invocation.config
    classes = config.risk_classes
    seen = {room.id for room in rooms[:SHOWN] if invocation.may_see(room)}

    def lines(detail: Detail) -> Iterator[str]:
        yield f"*{heading}*"
        shown = SHOWN if detail.joined else FEW
        for room in rooms[:shown]:
            is_high = classes.get(room.policy_id) in config.high_risk
            yield f"{home.line(room, now)}{' · high risk' if is_high else ''}"
            if room.id in seen:
                where = links.channel(room)
                yield f"      {headline(room, detail.line)}{where and f' · {where}'}"
                held = held_back.in_a_line(room, room.name_of(invocation.actor.person))
                yield from [f"      {held}"] if held else []
        if in_all > shown:
            yield f"… and {in_all - shown} more"

    return Rendered(heading, fitting(lambda detail: [*sections(lines(detail)), *below]))


LIST = Subcommand(USAGE, handle)

"""From a click or a sent form to its acknowledgement, while the bot has other things to do.

The requests are signed as Slack signs them; each room has its channel, and is clicked in there.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench import firm
from tests.bench.bot import Bot
from tests.bench.line import Line
from tests.bench.load import accepted, burst, send
from tests.bench.row import Row, Waits, ms
from tests.bench.slack_requests import interaction
from tests.bench.slack_side import channel_of, quiet, seen
from tests.bench.stock import KINDS, Stock

ROOMS = 100
ALONE = 50  # clicks without load
LOAD = 16
BEFORE = 1.0  # seconds in which the load grows to what it is
DELIVERED = 200  # violations that are delivered meanwhile
EVERY = 0.02
SETTLED = 120.0
P50, P99 = 0.015, 0.060
REASON = "The data set is synthetic."


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicks on what, where."""

    user: str
    action: str
    room: str
    channel: str


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Acknowledge twice and send an approval in, in each room, under two kinds of load."""
    found = []
    for kind, name in KINDS.items():
        say(f"clicks under load, {name}")
        async with stock.bot(kind) as bot:
            clicks = await prepared(bot)
            left = (len(clicks) - ALONE) // 2
            alone = Waits.of(await clicked(bot, clicks[:ALONE]))
            delivering = await _while_delivering(bot, clicks[ALONE : ALONE + left])
            heard, rate = await while_hearing(bot, clicks[ALONE + left :])
        without = f"{alone} without load"
        beside = f"{without}; {rate:.0f} webhooks/s meanwhile"
        found += [
            _row(f"{name}, while {DELIVERED} violations are delivered", delivering, without),
            _row(f"{name}, under webhooks at concurrency {LOAD}", heard, beside),
        ]
    return found


async def _while_delivering(bot: Bot, clicks: list[Click]) -> Waits:
    await burst(bot, range(ROOMS, ROOMS + DELIVERED), LOAD)
    waits = Waits.of(await clicked(bot, clicks))
    await quiet(bot, SETTLED)
    return waits


async def while_hearing(bot: Bot, clicks: list[Click]) -> tuple[Waits, float]:
    """Click → ack while webhooks come in and are delivered, and how many webhooks a second."""
    seconds = BEFORE + len(clicks) * EVERY * 2
    load = asyncio.create_task(accepted(bot.url, LOAD, seconds))
    await asyncio.sleep(BEFORE)
    waits = Waits.of(await clicked(bot, clicks))
    return waits, (await load).rate


def _row(under: str, waits: Waits, yardstick: str) -> Row:
    return Row(
        f"button click → ack, {under}",
        f"{waits}, {len(waits.sorted)} clicks",
        yardstick,
        f"p50 at most {ms(P50)}, p99 at most {ms(P99)}",
        waits.p50 <= P50 and waits.p99 <= P99,
    )


async def prepared(bot: Bot) -> list[Click]:
    """Rooms with their channels, and what is to be clicked in them."""
    async with Line(bot.url) as line:
        rooms = [await send(bot, line, number) for number in range(ROOMS)]
    await quiet(bot, SETTLED)
    state = await seen(bot)
    clicks = []
    for action, who in (
        ("ack", firm.adjudicator),
        ("ack", firm.validator),
        ("approve", firm.validator),
    ):
        for number, room in enumerate(rooms):
            channel = channel_of(state, room)
            if channel is None:
                raise RuntimeError(f"room {room} has no channel")
            clicks.append(Click(who(number), action, room, channel))
    return clicks


async def clicked(bot: Bot, clicks: list[Click]) -> list[float]:
    """Seconds until each click is acknowledged."""

    async def later(number: int, click: Click) -> float:
        await asyncio.sleep(number * EVERY)
        return await _click(bot, click)

    return await asyncio.gather(*(later(number, each) for number, each in enumerate(clicks)))


async def _click(bot: Bot, click: Click) -> float:
    async with Line(bot.url) as line:
        began = time.perf_counter()
        await interaction(line, payload(click))
        return time.perf_counter() - began


def payload(click: Click) -> dict[str, object]:
    """What Slack sends when somebody clicks on a button, or sends in a form."""
    given: dict[str, object] = {
        "api_app_id": "A0LOCAL",
        "team": {"id": "T0ACME", "domain": "acme"},
        "user": {"id": click.user, "username": click.user.lower(), "team_id": "T0ACME"},
        "trigger_id": f"{time.time_ns()}.1",
    }
    if click.action == "approve":
        entered = {"reason": {"reason": {"type": "plain_text_input", "value": REASON}}}
        view = {
            "id": f"V{time.time_ns()}",
            "type": "modal",
            "callback_id": "approve_modal",
            "private_metadata": click.room,
            "state": {"values": entered},
            "blocks": [],
        }
        return given | {"type": "view_submission", "view": view}
    return given | {
        "type": "block_actions",
        "container": {"type": "message", "channel_id": click.channel, "message_ts": "1.000001"},
        "channel": {"id": click.channel, "name": "privategroup"},
        "actions": [
            {
                "type": "button",
                "action_id": click.action,
                "block_id": "buttons",
                "value": click.room,
                "action_ts": f"{time.time():.6f}",
            }
        ],
    }

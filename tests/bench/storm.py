"""A storm: more rooms than Slack lets be opened at once, with its limits on and its minute scaled.

Rules
- The tier of conversations.create, as the local Slack's table has it, is the measure: so many
  channels in each of its minutes.
- A call answered 429 is one too many: the budget is to be kept before, not after.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from bot.local_slack import METHODS
from tests.bench.bot import Bot, Slack
from tests.bench.line import Line
from tests.bench.load import send
from tests.bench.row import Row
from tests.bench.stock import Stock

METHOD = "conversations.create"
MINUTE = 20.0  # shorter, and the time that a call takes to arrive would be a part of it
MINUTES = 3
ROOMS = 100
LIMITED = 429
SHARE_LEAST, LIMITED_MOST = 0.95, 0.01


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Channels opened in so many minutes, and how many calls Slack refused meanwhile."""
    say(f"storm of {ROOMS} rooms, {MINUTES} minutes of {MINUTE:.0f} s")
    async with Bot(stock.config, slack=Slack(minute=MINUTE)) as bot:
        async with Line(bot.url) as line:
            for number in range(ROOMS):
                await send(bot, line, number)
        calls = await _calls_over(bot, MINUTES * MINUTE)
    opened = sorted(call["started"] for call in calls if call["method"] == METHOD and _done(call))
    end = opened[0] + MINUTES * MINUTE if opened else 0.0
    share = sum(at < end for at in opened) / (METHODS[METHOD].tier.value * MINUTES)
    refused = [call for call in calls if call["status"] == LIMITED]
    limited = len(refused) / len(calls)
    return [
        Row(
            f"storm of {ROOMS} rooms, limits on: channels a minute",
            f"{share * METHODS[METHOD].tier.value:.1f}",
            f"{METHODS[METHOD].tier.value} that the tier of {METHOD} allows",
            f"at least 95 %, found {share:.0%}",
            share >= SHARE_LEAST,
        ),
        Row(
            "calls answered 429 meanwhile",
            f"{len(refused)} of {len(calls)}",
            f"Slack's minute lasts {MINUTE:.0f} s here",
            f"at most 1 %, found {limited:.1%}",
            limited <= LIMITED_MOST,
        ),
    ]


async def _calls_over(bot: Bot, seconds: float) -> list[dict[str, Any]]:
    """Every call to Slack from the start until `seconds` after the first channel's."""
    calls: dict[int, dict[str, Any]] = {}
    async with aiohttp.ClientSession() as session:
        first: float | None = None
        while first is None or max(call["started"] for call in calls.values()) < first + seconds:
            await asyncio.sleep(0.5)
            url = f"{bot.slack_url}/control/calls?since={max(calls, default=0)}"
            async with session.get(url) as answer:
                new = (await answer.json())["calls"]
            calls |= {call["id"]: call for call in new if call["direction"] == "to_slack"}
            began = (call["started"] for call in calls.values() if call["method"] == METHOD)
            first = min(began, default=None)
    return list(calls.values())


def _done(call: dict[str, Any]) -> bool:
    return bool(call["answer"].get("ok"))

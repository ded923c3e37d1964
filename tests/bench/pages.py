"""From the acceptance of a violation to the third page that Slack has delivered."""

import asyncio
import json
import time

import aiohttp

from tests.bench.bot import Bot
from tests.bench.load import send

VIOLATIONS = 30
PAGES = 3


async def third_page(bot: Bot) -> tuple[float, float]:
    """Median and worst over violations one after the other, in seconds."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        waits = [await _one(bot, session) for _ in range(VIOLATIONS)]
    waits.sort()
    return waits[len(waits) // 2], waits[-1]


async def _one(bot: Bot, session: aiohttp.ClientSession) -> float:
    async with session.get(f"{bot.slack_url}/control/feed") as feed:
        await feed.content.readuntil(b"\n\n")
        await send(bot, session)
        accepted = time.perf_counter()
        pages, waited = 0, 0.0
        rest = {"conversations.invite", "pins.add", "conversations.setTopic"}
        async with asyncio.timeout(30):
            # What is still under way after the pages would disturb the next violation.
            while pages < PAGES or rest:
                item = _item(await feed.content.readuntil(b"\n\n"))
                if item.get("type") == "message.posted" and str(item["channel"]).startswith("D"):
                    pages += 1
                    waited = time.perf_counter() - accepted if pages == PAGES else waited
                elif item.get("type") == "call":
                    rest.discard(str(item["method"]))
    return waited


def _item(chunk: bytes) -> dict[str, object]:
    data = [line[6:] for line in chunk.decode().splitlines() if line.startswith("data: ")]
    return dict(json.loads(data[0])) if data else {}

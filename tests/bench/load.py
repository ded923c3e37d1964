"""Webhooks, as fast as so many senders can: each waits for its answer before it sends the next."""

import asyncio
import json
import secrets
import time

import aiohttp

from bot.intake.signatures import sign
from tests.bench.bot import Bot

ACCEPTED = 202


async def accepted(bot: Bot, concurrency: int, seconds: float) -> tuple[float, float, float]:
    """Accepted a second, and the median and 99th percentile of the waits in seconds."""
    waits: list[float] = []
    end = time.perf_counter() + seconds
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        await asyncio.gather(*(_sender(bot, session, end, waits) for _ in range(concurrency)))
        elapsed = time.perf_counter() - began
    waits.sort()
    return len(waits) / elapsed, waits[len(waits) // 2], waits[len(waits) * 99 // 100]


async def _sender(bot: Bot, session: aiohttp.ClientSession, end: float, waits: list[float]) -> None:
    while time.perf_counter() < end:
        began = time.perf_counter()
        await send(bot, session)
        waits.append(time.perf_counter() - began)


async def send(bot: Bot, session: aiohttp.ClientSession) -> str:
    """One violation of its own; the room that it opened. RuntimeError where it wasn't accepted."""
    body = json.dumps(
        {
            "policy": "pii-fine-tuning",
            "title": "ranker fine-tuned on customers_eu",
            "initiator": {"email": "ada@acme.test"},
            "subject": {"kind": "model", "name": "ranker", "version": secrets.token_hex(6)},
            "origin": {"repository": "acme/ranker", "commit": "8c1f2a7", "pull_request": 42},
            "facts": {"dataset": {"name": "customers_eu", "classification": "pii"}},
        }
    ).encode()
    delivery, now = secrets.token_hex(12), int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(bot.secret, delivery, now, body),
    }
    async with session.post(f"{bot.url}/webhooks/violations", data=body, headers=headers) as answer:
        if answer.status != ACCEPTED:
            raise RuntimeError(await answer.text())
        return str((await answer.json())["room_id"])

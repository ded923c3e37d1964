"""Webhooks, as fast as so many senders can: each waits for its answer before it sends the next."""

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.bench import firm
from tests.bench.bot import Bot
from tests.bench.line import Line
from tests.bench.row import Waits
from tests.staging.pipeline import signed

ACCEPTED = 202
PULL_REQUESTS = 500
PATH = "/webhooks/violations"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Webhooks a second, and how long each waited for its answer."""

    count: int
    rate: float
    waits: Waits


async def accepted(url: str, concurrency: int, seconds: float) -> Accepted:
    """What is accepted there of so many senders. RuntimeError where one is refused."""
    waits: list[float] = []
    numbers = itertools.count()
    began = time.perf_counter()
    end = began + seconds
    senders = (_sender(url, end, numbers, waits) for _ in range(concurrency))
    await asyncio.gather(*senders)
    rate = len(waits) / (time.perf_counter() - began)
    return Accepted(len(waits), rate, Waits.of(waits))


async def _sender(url: str, end: float, numbers: Iterator[int], waits: list[float]) -> None:
    async with Line(url) as line:
        while time.perf_counter() < end:
            headers, body = signed_violation(next(numbers))
            began = time.perf_counter()
            await _accept(line, headers, body)
            waits.append(time.perf_counter() - began)


async def send(bot: Bot, line: Line, number: int) -> str:
    """Violation `number`, one of its own; the room that it opened. RuntimeError otherwise."""
    return str((await answered(line, number))["room_id"])


async def answered(line: Line, number: int) -> dict[str, object]:
    """The same, with all that is answered."""
    answer: dict[str, object] = json.loads(await _accept(line, *signed_violation(number)))
    return answer


async def burst(bot: Bot, numbers: Iterable[int], senders: int) -> dict[str, float]:
    """Violations of these numbers, as fast as so many senders can: when each room was accepted."""
    accepted_at: dict[str, float] = {}
    left = iter(numbers)

    async def sender() -> None:
        async with Line(bot.url) as line:
            for number in left:
                room = await send(bot, line, number)
                accepted_at[room] = time.time()

    await asyncio.gather(*(sender() for _ in range(senders)))
    return accepted_at


async def _accept(line: Line, headers: dict[str, str], body: bytes) -> bytes:
    status, answer = await line.post(PATH, headers, body)
    if status != ACCEPTED:
        raise RuntimeError(f"{status}: {answer.decode()}")
    return answer


def violation(number: int) -> dict[str, object]:
    """A violation's body as pipelines send it; no two have a key in common."""
    return {
        "policy": firm.policy(number),
        "title": "ranker fine-tuned on customers_eu",
        "team": firm.team(number),
        "initiator": {"slack": firm.initiator(number)},
        "subject": {"kind": "model", "name": "ranker", "version": secrets.token_hex(6)},
        "origin": {
            "repository": "acme/ranker",
            "commit": "8c1f2a7",
            "pull_request": 1 + number % PULL_REQUESTS,
        },
        "facts": {"dataset": {"name": "customers_eu", "classification": "pii"}},
    }


def signed_violation(number: int) -> tuple[dict[str, str], bytes]:
    """The headers and the body of violation `number`."""
    body = json.dumps(violation(number)).encode()
    return signed(body, secrets.token_hex(12), time.time()), body

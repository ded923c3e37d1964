"""Webhooks at a rate that doesn't ask whether they are answered: more than the bot can do.

Each is sent when its time has come, on a connection that is free, or on a new one.
"""

import asyncio
import json
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.line import Line
from tests.bench.load import ACCEPTED, PATH, signed_violation

TICK = 0.005
BUSY = 503
Prepared = Sequence[tuple[dict[str, str], bytes]]


@dataclass(slots=True)
class Flood:
    """What became of it: how often which status, what was taken, how long the others waited."""

    statuses: Counter[int] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)
    taken_waits: list[float] = field(default_factory=list)
    refused_waits: list[float] = field(default_factory=list)
    silent: int = 0  # answers 503 that don't say when to come again
    seconds: float = 0.0  # in which they were sent


def webhooks(count: int) -> Prepared:
    """So many violations, signed beforehand: sending them costs the less."""
    return [signed_violation(number) for number in range(count)]


async def flood(url: str, coming: Prepared, rate: float) -> Flood:
    """Send all of them at this rate, a second, and wait for every answer."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    came, idle = Flood(), list[Line]()
    began, sent = time.perf_counter(), 0
    async with asyncio.TaskGroup() as sending:
        while sent < len(coming):
            due = min(len(coming), int((time.perf_counter() - began) * rate))
            for webhook in coming[sent:due]:
                sending.create_task(_send(url, webhook, idle, came))
            sent = due
            await asyncio.sleep(TICK)
        came.seconds = time.perf_counter() - began
    for line in idle:
        await line.__aexit__(None, None, None)
    return came


async def _send(
    url: str, webhook: tuple[dict[str, str], bytes], idle: list[Line], came: Flood
) -> None:
    began = time.perf_counter()
    if idle:
        line = idle.pop()
    else:
        line = await Line(url).__aenter__()
    status, answer = await line.post(PATH, *webhook)
    again = line.header("retry-after")
    took = time.perf_counter() - began
    idle.append(line)
    came.statuses[status] += 1
    said = json.loads(answer)
    if status == ACCEPTED:
        came.taken.add(said["violation_id"])
        came.taken_waits.append(took)
    elif status == BUSY:
        came.refused_waits.append(took)
        came.silent += not again.isdecimal()

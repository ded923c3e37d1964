"""Faults on request: what goes wrong, where, how often.

Rules
- A fault names a method that the bot calls or a kind of delivery to it, or `*`.
- `error`, `http`, `hang`, `reset` strike calls; `deliver_twice` strikes deliveries; `slow` and
  `lose_ack` both. With `after`, and always for `lose_ack`, the work is done first.
- A fault strikes `times` times (none given: for ever), each time with its probability, drawn
  from a seeded source.
- A connection is cut by aborting its transport: the caller sees a reset, not an answer.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from bot.local_wire.feed import Feed

FaultKind = Literal["error", "http", "hang", "reset", "slow", "lose_ack", "deliver_twice"]
ON_CALLS = frozenset({"error", "http", "hang", "reset", "slow", "lose_ack"})
ON_DELIVERIES = frozenset({"slow", "lose_ack", "deliver_twice"})
T = TypeVar("T")


class Fault(BaseModel):
    """One thing that goes wrong; `error` is the service's own name for what it answers then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = "*"
    kind: FaultKind
    error: str = ""
    status: int = Field(500, ge=100, le=599)
    seconds: float = Field(1.0, ge=0)
    times: int | None = Field(1, ge=1)
    probability: float = Field(1.0, ge=0, le=1)
    after: bool = False


class Faults:
    """The faults that are set, and the latency of every answer."""

    def __init__(self, feed: Feed, seed: int) -> None:
        self._feed = feed
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, no secret
        self._set: list[tuple[Fault, int | None]] = []
        self.latency = 0.0

    def listed(self) -> list[Fault]:
        """The faults that still strike, with the times that are left."""
        return [fault.model_copy(update={"times": left}) for fault, left in self._set]

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        self._set.append((fault, fault.times))
        self._feed.publish("fault.added", method=fault.method, kind=fault.kind)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._set.clear()
        self._feed.publish("fault.cleared")

    def strike(self, name: str, kinds: frozenset[str]) -> Fault | None:
        """The fault that hits this call or delivery, if one does; it is used up by that."""
        for index, (fault, left) in enumerate(self._set):
            if fault.method not in (name, "*") or fault.kind not in kinds:
                continue
            if self._random.random() >= fault.probability:
                continue
            if left == 1:
                del self._set[index]
            else:
                self._set[index] = (fault, None if left is None else left - 1)
            self._feed.publish("fault.struck", method=name, kind=fault.kind)
            return fault
        return None

    async def on_call(
        self,
        name: str,
        request: web.Request,
        work: Callable[[], object],
        refusal: Callable[[Fault], web.Response],
    ) -> web.Response | None:
        """What a fault answers to a call of the bot; None: the call goes on as usual.

        `work` does what the call asks for; its failures are its own. `refusal` is the service's
        answer with the fault's error.
        """
        fault = self.strike(name, ON_CALLS)
        if fault is None:
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.after or fault.kind == "lose_ack":
            work()
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "http":
            return web.Response(status=fault.status, text="Internal Server Error")
        if fault.kind == "error":
            return refusal(fault)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=499, text="connection cut")

    async def on_delivery(self, name: str, deliver: Callable[[], Awaitable[T]]) -> T | None:
        """Deliver as the faults will have it; the bot's answer, or None where it got lost."""
        fault = self.strike(name, ON_DELIVERIES)
        if fault is None:
            return await deliver()
        if fault.kind == "deliver_twice":
            first, _ = await asyncio.gather(deliver(), deliver())
            return first
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return await deliver()
        await deliver()
        return None

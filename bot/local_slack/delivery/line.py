"""The line to the bot: picks the way, lets faults strike, and logs each delivery."""

import asyncio
import dataclasses
import time

from bot.local_slack.delivery.delivery import TIMEOUT, Answer, Delivery
from bot.local_slack.delivery.links import Links
from bot.local_slack.delivery.signed import RequestUrl
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.wire.faults import ON_DELIVERIES, Faults
from bot.local_slack.wire.log import WireLog


class Line:
    """Delivers payloads to the bot, whichever way it listens."""

    def __init__(self, workspace: Workspace, faults: Faults, log: WireLog) -> None:
        self._deadline = workspace.config.ack_seconds
        self._faults = faults
        self._log = log
        self.links = Links(workspace)
        self.request_url = RequestUrl(workspace.config)

    async def deliver(self, delivery: Delivery) -> Answer:
        """Hand the payload over; the answer, or what became of it. Never raises for the bot."""
        fault = self._faults.strike(delivery.name, ON_DELIVERIES)
        if fault is None:
            return await self._once(delivery)
        if fault.kind == "deliver_twice":
            first, _ = await asyncio.gather(self._once(delivery), self._once(delivery))
            return first
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return await self._once(delivery)
        answer = await self._once(delivery)
        return Answer(acked=False, error=TIMEOUT, seconds=answer.seconds)

    async def close(self) -> None:
        """Hang up."""
        await self.links.close()
        await self.request_url.close()

    async def _once(self, delivery: Delivery) -> Answer:
        began = time.monotonic()
        if self.links.count:
            answer = await self.links.send(delivery, self._deadline)
        else:
            answer = await self.request_url.post(delivery)
        seconds = time.monotonic() - began
        shown = {name: value for name, value in delivery.payload.items() if name != "token"}
        self._log.add("to_bot", delivery.name, shown, (answer.status, answer.body), seconds)
        return dataclasses.replace(answer, seconds=seconds)

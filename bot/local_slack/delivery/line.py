"""The line to the bot: picks the way, lets faults strike, and logs each delivery."""

import dataclasses
import time

from bot.local_slack.delivery.exchange import TIMEOUT, Answer, Delivery
from bot.local_slack.delivery.request_url import RequestUrl
from bot.local_slack.delivery.socket_mode import Links
from bot.local_slack.state.workspace import Workspace
from bot.local_wire.call_log import CallLog
from bot.local_wire.faults import Faults


class Line:
    """Delivers payloads to the bot, whichever way it listens."""

    def __init__(self, workspace: Workspace, faults: Faults, log: CallLog) -> None:
        self._deadline = workspace.config.ack_seconds
        self._faults = faults
        self._log = log
        self.links = Links(workspace)
        self.request_url = RequestUrl(workspace.config)

    async def deliver(self, delivery: Delivery) -> Answer:
        """Hand the payload over; the answer, or what became of it. Never raises for the bot."""
        began = time.monotonic()
        answer = await self._faults.on_delivery(delivery.name, lambda: self._once(delivery))
        if answer is None:
            return Answer(acked=False, error=TIMEOUT, seconds=time.monotonic() - began)
        return answer

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
        self._log.delivered(delivery.name, shown, (answer.status, answer.body), seconds)
        return dataclasses.replace(answer, seconds=seconds)

"""Socket Mode: the links a bot has opened, and deliveries over them.

Rules
- At most ten links; a payload goes to one of them, in turn.
- An envelope is acknowledged by its id, with a payload where the kind of delivery accepts one.
- A link that breaks before it has acknowledged leaves the person with a timeout, as Slack does.
"""

import asyncio
import itertools
import uuid
from typing import Literal

from aiohttp import WSMsgType, web

from bot.local_slack.delivery.exchange import TIMEOUT, Answer, Delivery
from bot.local_slack.state.records import Json
from bot.local_slack.state.workspace import Workspace
from bot.local_wire.untrusted_json import parsed

MOST_LINKS = 10
_PATIENCE = 0.5
"""Seconds that a link gets to say goodbye."""
Reason = Literal["warning", "refresh_requested", "link_disabled"]


class Links:
    """The open links, and the envelopes that wait for their acknowledgement."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._open: list[web.WebSocketResponse] = []
        self._turns = itertools.count()
        self._waiting: dict[str, asyncio.Future[object]] = {}

    @property
    def count(self) -> int:
        """How many links are open."""
        return len(self._open)

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Take a link with its ticket, and keep it until one side ends it."""
        if not self._workspace.tickets.use_link(request.query.get("ticket", "")):
            raise web.HTTPForbidden(text="invalid ticket")
        if self.count >= MOST_LINKS:
            raise web.HTTPTooManyRequests(text="too_many_websockets")
        link = web.WebSocketResponse(timeout=_PATIENCE)
        await link.prepare(request)
        await link.send_json(self._hello())
        self._open.append(link)
        self._announce("link.opened")
        try:
            await self._listen(link)
        finally:
            self._forget(link)
        return link

    async def send(self, delivery: Delivery, deadline: float) -> Answer:
        """Deliver over the next link, and wait for the acknowledgement."""
        envelope = str(uuid.uuid4())
        acknowledged = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = acknowledged
        link = self._open[next(self._turns) % self.count]
        try:
            await link.send_json(_envelope(envelope, delivery))
            body = await asyncio.wait_for(acknowledged, deadline)
        except (TimeoutError, ConnectionError):
            return Answer(acked=False, error=TIMEOUT)
        finally:
            del self._waiting[envelope]
        return Answer(acked=True, status=200, body=body)

    async def disconnect(self, reason: Reason) -> int:
        """Tell every link to go; all but a `warning` end it too. Answers how many there were."""
        links = list(self._open)
        for link in links:
            await link.send_json({"type": "disconnect", "reason": reason, "debug_info": _DEBUG})
            if reason != "warning":
                self._forget(link)
                await link.close()
        return len(links)

    async def close(self) -> None:
        """End all links."""
        for link in list(self._open):
            await link.close()

    async def _listen(self, link: web.WebSocketResponse) -> None:
        async for message in link:
            if message.type is WSMsgType.TEXT:
                self._acknowledge(str(message.data))

    def _acknowledge(self, text: str) -> None:
        try:
            given = parsed(text)
        except ValueError:
            return  # Slack takes no notice of what it can't read
        said = given if isinstance(given, dict) else {}
        waiting = self._waiting.get(str(said.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(said.get("payload"))

    def _forget(self, link: web.WebSocketResponse) -> None:
        if link in self._open:
            self._open.remove(link)
            self._announce("link.closed")

    def _announce(self, kind: str) -> None:
        self._workspace.feed.publish(kind, links=self.count)

    def _hello(self) -> Json:
        info = {"app_id": self._workspace.config.app_id}
        return {
            "type": "hello",
            "num_connections": self.count + 1,
            "connection_info": info,
            "debug_info": _DEBUG,
        }


_DEBUG = {"host": "local", "build_number": 1, "approximate_connection_time": 3600}


def _envelope(envelope: str, delivery: Delivery) -> Json:
    whole: Json = {
        "envelope_id": envelope,
        "type": delivery.channel,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.channel != "events_api",
    }
    if delivery.channel == "events_api":
        whole |= {"retry_attempt": delivery.retry, "retry_reason": delivery.retry_reason}
    return whole

"""The Events API: which changes the bot hears of, and their redelivery.

Rules
- The bot hears only what it subscribed to, and only from conversations it is in.
- An event that is not acknowledged with 200 comes again at once, after 1 and after 5 minutes, with
  the same event_id.
"""

import asyncio
import dataclasses
import time

from bot.local_slack.delivery.exchange import TIMEOUT, Answer, Delivery
from bot.local_slack.delivery.line import Line
from bot.local_slack.delivery.translation import translated
from bot.local_slack.state.records import Json
from bot.local_slack.state.shapes import view_shape
from bot.local_slack.state.workspace import Workspace
from bot.local_wire.feed import FeedEvent

RETRIES = (0, 1, 5)
"""Minutes before each retry, counted from the first delivery."""
_REASONS = {TIMEOUT: "http_timeout", "dispatch_failed": "connection_failed"}


class Events:
    """Turns changes into events and sends them; the tasks that do so are kept and ended here."""

    def __init__(self, workspace: Workspace, line: Line) -> None:
        self._workspace = workspace
        self._line = line
        self._tasks: set[asyncio.Task[None]] = set()
        workspace.feed.listen(self._hear)

    async def home_opened(self, user: str, channel: str) -> Answer | None:
        """Tell of a home tab that was opened, and what was published in it before.

        The answer to the first try; None: not subscribed.
        """
        if "app_home_opened" not in self._workspace.config.events:
            return None
        ts = self._workspace.core.new_ts()
        event = {"type": "app_home_opened", "user": user, "channel": channel, "event_ts": ts}
        published = self._workspace.views.home(user)
        shown = {"view": view_shape(published, self._workspace.config)} if published else {}
        delivery = self._delivery({**event, "tab": "home", **shown})
        answer = await self._line.deliver(delivery)
        if not answer.acked:
            self._spawn(delivery, answer)
        return answer

    async def close(self) -> None:
        """Send nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _hear(self, change: FeedEvent) -> None:
        for name, event in translated(self._workspace, change):
            if name in self._workspace.config.events:
                self._spawn(self._delivery(event), None)

    def _spawn(self, delivery: Delivery, answer: Answer | None) -> None:
        task = asyncio.create_task(self._send(delivery, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, delivery: Delivery, first: Answer | None) -> None:
        began = time.monotonic()
        answer = first or await self._line.deliver(delivery)
        for number, minutes in enumerate(RETRIES, start=1):
            if answer.acked or answer.no_retry:
                return
            due = began + minutes * self._workspace.config.minute
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            reason = _REASONS.get(answer.error or "", "http_error")
            again = dataclasses.replace(delivery, retry=number, retry_reason=reason)
            answer = await self._line.deliver(again)

    def _delivery(self, event: Json) -> Delivery:
        config = self._workspace.config
        authorization = {
            "enterprise_id": config.enterprise_id,
            "team_id": config.team_id,
            "user_id": config.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": config.enterprise_install,
        }
        payload = {
            "token": config.verification_token,
            "team_id": config.team_id,
            "api_app_id": config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self._workspace.core.new_id("Ev"),
            "event_time": int(self._workspace.core.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }
        if config.enterprise_id is not None:
            payload["enterprise_id"] = config.enterprise_id
        return Delivery("events_api", event["type"], payload)

"""What people see, and waiting for it.

Rules
- A wait opens the feed first and looks then: nothing that happens in between is missed.
- It looks again when something has changed, once for all changes that came together.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

import httpx

from bot.local_slack.calling import Control
from bot.local_slack.control_responses import (
    FeedItem,
    SlackChannel,
    SlackMessage,
    SlackState,
    SlackView,
)
from bot.local_slack.slack_errors import RefusedError

T = TypeVar("T")
_DATA = "data: "
TIMEOUT = 5.0


class Looking(Control):
    """What people see."""

    async def state(self, *, messages: bool = True) -> SlackState:
        """The whole workspace."""
        query = {} if messages else {"messages": "0"}
        return SlackState.model_validate(await self.look("state", **query))

    async def channels(self, user: str) -> tuple[SlackChannel, ...]:
        """The channels the person sees."""
        found = (await self.look("channels", user=user))["channels"]
        return tuple(SlackChannel.model_validate(one) for one in found)

    async def messages(self, user: str, channel: str) -> tuple[SlackMessage, ...]:
        """A channel as the person sees it, oldest first."""
        found = (await self.look("messages", user=user, channel=channel))["messages"]
        return tuple(SlackMessage.model_validate(one) for one in found)

    async def views(self, user: str) -> tuple[SlackView, ...]:
        """The open modals of the person, the last on top."""
        found = (await self.look("views", user=user))["views"]
        return tuple(SlackView.model_validate(one) for one in found)

    async def home(self, user: str) -> SlackView | None:
        """The home tab of the person, once published."""
        found = (await self.look("home", user=user))["view"]
        return SlackView.model_validate(found) if found is not None else None


class Waiting(Looking):
    """Waiting for something to be so."""

    async def feed(self, after: int | None = None) -> AsyncGenerator[FeedItem, None]:
        """The feed, a `hello` first; events after an id, or from now on."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        request = self.http.stream("GET", "/control/feed", headers=headers, timeout=None)
        async with request as response:
            async for line in response.aiter_lines():
                if line.startswith(_DATA):
                    yield FeedItem.model_validate_json(line.removeprefix(_DATA))

    async def wait_until(
        self,
        look: Callable[[], Awaitable[T]],
        holds: Callable[[T], object],
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the caller's patience, in seconds
    ) -> T:
        """Look, and again after each change, until it `holds`; what was seen then.

        Raises TimeoutError `timeout` seconds after the first look, saying what was seen last.
        """
        changed, watching = asyncio.Event(), asyncio.Event()
        watch = asyncio.create_task(self._watch(changed, watching))
        last: T | None = None
        try:
            async with asyncio.timeout(max(timeout, TIMEOUT)) as patience:
                await watching.wait()
                last = await look()
                patience.reschedule(asyncio.get_running_loop().time() + timeout)
                while not holds(last):
                    await changed.wait()
                    changed.clear()
                    last = await look()
                return last
        except TimeoutError:
            raise TimeoutError(f"not so after {timeout} s; seen last: {last!s:.2000}") from None
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                await watch

    async def wait_for(
        self,
        holds: Callable[[SlackState], object],
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the caller's patience, in seconds
    ) -> SlackState:
        """Wait until something holds of the whole workspace."""
        return await self.wait_until(self.state, holds, timeout)

    async def wait_for_message(
        self,
        *,
        user: str,
        channel: str,
        holds: Callable[[SlackMessage], object],
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the caller's patience, in seconds
    ) -> SlackMessage:
        """Wait for a message of which something holds; the newest one."""

        async def look() -> SlackMessage | None:
            try:
                found = await self.messages(user, channel)
            except RefusedError:
                return None  # the channel may come yet
            return next((m for m in reversed(found) if holds(m)), None)

        return _there(await self.wait_until(look, _is_there, timeout))

    async def wait_for_modal(
        self,
        *,
        user: str,
        callback_id: str | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the caller's patience, in seconds
    ) -> SlackView:
        """Wait for a modal on top of the person's screen."""

        async def look() -> SlackView | None:
            stack = await self.views(user)
            top = stack[-1] if stack else None
            return top if top and callback_id in (None, top.callback_id) else None

        return _there(await self.wait_until(look, _is_there, timeout))

    async def wait_for_home(
        self,
        *,
        user: str,
        holds: Callable[[SlackView], object] = lambda _: True,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the caller's patience, in seconds
    ) -> SlackView:
        """Wait for a home tab of which something holds."""

        def good(view: SlackView | None) -> object:
            return view is not None and holds(view)

        return _there(await self.wait_until(lambda: self.home(user), good, timeout))

    async def _watch(self, changed: asyncio.Event, watching: asyncio.Event) -> None:
        async with contextlib.aclosing(self.feed()) as events:
            async for _ in events:
                watching.set()
                changed.set()


def _is_there(value: object) -> bool:
    return value is not None


def _there(value: T | None) -> T:
    if value is None:
        raise TimeoutError("nothing was seen")
    return value

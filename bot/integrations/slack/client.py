"""The client that all calls to Slack leave through, measured and held to the delivery's lease.

Rules
- In the HTTP session and not in a client: Bolt makes a client of its own for each request.
- An answer is only looked at: it goes on as it came, and so does every error.
- Whoever was held up past its lease sends nothing any more. A process can be stopped anywhere
  (SIGSTOP, a frozen machine, a long pause), and somebody else has its effects once their leases
  have ended. So it is asked where nothing but the sending follows.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from pydantic_core import to_json
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbox.delivery import LEASE_ENDS, LeaseEndedError
from bot.settings import Settings

TIMEOUT_SECONDS = 10
_NAME = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)
_LIMITED_STATUS = 429
_OK = 200
_DONE = b'{"ok":true,'  # as Slack begins each answer; one that it doesn't is parsed

# The SDK writes out each request and answer where its logger's own level isn't above debugging,
# and a logger has none of its own: that was a third of a call's time.
_logger = logging.getLogger("slack_sdk.web.async_client")
_logger.setLevel(logging.WARNING)

Called = Callable[[str, str, float], None]  # the method, what came of it, the seconds it took


@asynccontextmanager
async def slack_client(settings: Settings, called: Called) -> AsyncIterator[AsyncWebClient]:
    """The client; `called` is told of each call, whichever client made it."""

    async def measure(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        began, result = time.perf_counter(), "connection"
        try:
            answer = await handler(request)
            result = _result(answer.status, await answer.read())
        except LeaseEndedError:
            result = "not_sent"
            raise
        except (TimeoutError, asyncio.CancelledError):
            # The time for one call is up, or that of whoever waits for it.
            result = "timeout"
            raise
        finally:
            called(request.url.name, result, time.perf_counter() - began)
        return answer

    # One session for all calls: the SDK would open a connection for each, and keep no cookies
    # either. They, aiohttp's signals in place of `_Connections`, and bodies that are text before
    # they are bytes were a twentieth of what a violation costs.
    async with aiohttp.ClientSession(
        connector=_Connections(),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        middlewares=[measure],
        json_serialize_bytes=to_json,
    ) as session:
        yield AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.api_url,
            session=session,
            timeout=TIMEOUT_SECONDS,
            logger=_logger,
            retry_handlers=[],  # the outbox tries again, and remembers that over a restart
        )


class _Connections(aiohttp.TCPConnector):
    """Connections of which each is handed out to whoever may still send."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """LeaseEndedError where the lease of the delivery under way has ended."""
        _still_ours()
        connection = await super().connect(req, traces, timeout)
        try:
            _still_ours()
        except LeaseEndedError:
            connection.release()
            raise
        return connection


def _still_ours() -> None:
    ends = LEASE_ENDS.get(None)
    if ends is not None and time.monotonic() >= ends:
        raise LeaseEndedError("held up past the lease; nothing was sent", uncertain=True)


def _result(status: int, body: bytes) -> str:
    """`ok`, or Slack's name for what is wrong, or `http_…` where it names nothing."""
    if status == _OK and body.startswith(_DONE):
        return "ok"
    if status == _LIMITED_STATUS:
        return "ratelimited"
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return f"http_{status}"
    if answer.get("ok") is True and status == _OK:
        return "ok"
    error = str(answer.get("error") or "")
    return error if _NAME.fullmatch(error) else f"http_{status}"

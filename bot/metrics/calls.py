"""Calls to Slack, measured where they leave: in the HTTP session that all clients share.

Rules
- In the session, not in a client: Bolt makes a client of its own for each request.
- The answer is only looked at: it goes on as it came, and so does every error.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from bot.metrics.meters import LIMITED, Meters
from bot.outbox.delivery import LeaseEndedError

_NAME = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)
_LIMITED_STATUS = 429
_OK = 200

Middleware = Callable[[ClientRequest, ClientHandlerType], Awaitable[ClientResponse]]


def measured(meters: Meters) -> Middleware:
    """The session's middleware."""

    async def call(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
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
            meters.called(request.url.name, result, time.perf_counter() - began)
        return answer

    return call


def _result(status: int, body: bytes) -> str:
    """`ok`, or Slack's name for what is wrong, or `http_…` where it names nothing."""
    if status == _LIMITED_STATUS:
        return LIMITED
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

"""The last look before a request leaves: whoever was held up past its lease sends nothing any more.

A process can be stopped anywhere (SIGSTOP, a frozen machine, a long pause), and somebody else has
its effects once their leases have ended. So it is asked where nothing but the sending follows.
"""

import time
from types import SimpleNamespace
from typing import Any

import aiohttp

from bot.outbox.delivery import LEASE_ENDS, LeaseEndedError


def traces() -> list[aiohttp.TraceConfig]:
    """For the session of all calls to Slack."""
    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(_still_ours)
    trace.on_connection_create_end.append(_still_ours)
    trace.on_connection_reuseconn.append(_still_ours)
    return [trace]


async def _still_ours(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    params: Any,  # noqa: ANN401 - aiohttp's, of several types
) -> None:
    """LeaseEndedError where the lease of the delivery under way has ended."""
    del session, context, params
    ends = LEASE_ENDS.get(None)
    if ends is not None and time.monotonic() >= ends:
        raise LeaseEndedError("held up past the lease; nothing was sent", uncertain=True)

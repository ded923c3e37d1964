"""The live feed as server-sent events.

The first event of a stream is `hello` with the id of the newest event: who looks at the state after
that misses nothing. A reader that comes back says `Last-Event-ID`; `gap` in the hello says that
some of what it missed is not kept any more.
"""

import contextlib
import json
from typing import Any

from aiohttp import web

from bot.local_wire.feed import Feed


async def stream(request: web.Request, feed: Feed) -> web.StreamResponse:
    """Send events until the reader goes or the feed closes."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    await response.prepare(request)
    last_seen = request.headers.get("Last-Event-ID") or request.query.get("last_event_id")
    after: int | None = None
    if last_seen:
        with contextlib.suppress(ValueError):
            after = int(last_seen)
    with feed.reading(after) as events, contextlib.suppress(ConnectionError):
        gap = after is not None and feed.missed(after)
        await _send(response, "hello", {"type": "hello", "id": feed.last_id, "gap": gap})
        async for event in events:
            await _send(response, event.type, event.as_json(), event.id)
    return response


async def _send(
    response: web.StreamResponse, kind: str, data: dict[str, Any], number: int | None = None
) -> None:
    head = f"id: {number}\n" if number is not None else ""
    await response.write(f"{head}event: {kind}\ndata: {json.dumps(data)}\n\n".encode())

"""A request's body, read once, raw, and no further than a limit."""

import re

from fastapi import Request
from starlette.requests import ClientDisconnect

from bot.integrations.request_error import RequestError, malformed

_DIGITS = re.compile(r"[0-9]+", re.ASCII)


async def raw_body(request: Request, limit: int) -> bytes:
    """The body of at most `limit` bytes. RequestError where it is larger, or ends too early."""
    declared = request.headers.get("content-length", "").lstrip("0")
    if len(declared) > len(str(limit)) or (_DIGITS.fullmatch(declared) and int(declared) > limit):
        raise _too_large(limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise malformed("the connection ended before the body did") from error
    return b"".join(chunks)


def _too_large(limit: int) -> RequestError:
    return RequestError(413, "too_large", f"a body has at most {limit // 1024} KiB")

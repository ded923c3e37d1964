"""The HTTP server of a process: where it listens, how much it takes, and how it ends.

Rules
- A body is read once, raw, and no further than its route's limit.
- What comes before a request's body is kept up to `HEAD_MOST` bytes, and the reads that fill it:
  Uvicorn's fast parser has no limit of its own. The other one, where this isn't there, has.
- Signals are not the server's: they would end the web and leave the worker.
- A stop waits for answers under way, but not for long polls.
"""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp
from uvicorn.config import HTTPProtocolType

from bot.errors import UsageError
from bot.integrations.request_error import RequestError, malformed

HEAD_MOST = 64 * 1024
# Load balancers reuse a connection that has stood still, for a minute as a rule. Where we ended it
# just then, the request would be lost on its way.
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 3  # a long poll of the gate doesn't hold up a stop for longer
_DIGITS = re.compile(r"[0-9]+", re.ASCII)

_protocol: type[asyncio.Protocol] | HTTPProtocolType = "auto"
with suppress(ImportError):  # the fast parser isn't there on Windows
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class LimitedHeads(HttpToolsProtocol):
        """Uvicorn's protocol, which ends a connection whose head has no end."""

        _in_head = True
        _head = 0

        def data_received(self, data: bytes) -> None:
            """Bytes of the connection."""
            self._head += len(data)
            super().data_received(data)
            if self._in_head and self._head > HEAD_MOST and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

        def on_message_begin(self) -> None:
            """A request begins."""
            self._in_head, self._head = True, 0
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """Its head has ended."""
            self._in_head = False
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            """Its body has ended; another may follow on the connection."""
            self._head = 0
            super().on_message_complete()

    _protocol = LimitedHeads


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: they would end the web and leave the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `run`'s."""
        yield


def listening(
    host: str, port: int, variable: str, *, shared: bool = False
) -> tuple[socket.socket, str]:
    """A socket that takes connections, and its address. UsageError where that can't be.

    With `shared` other processes of the same user have sockets there too, and each connection is
    one's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server(
            (host, port), family=family, backlog=2048, reuse_port=shared
        )
    except OSError as error:
        where = f"{host}:{port}"
        raise UsageError(f"HOST, {variable}: can't listen at {where}: {error.strerror}") from error
    # What is accepted inherits it. uvloop sets it anyway; without, an answer waits for the other
    # side's acknowledgement of its head: 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener, f"http://{host}:{listener.getsockname()[1]}"


def serving(web: ASGIApp) -> Server:
    """What serves `web` on a socket that listens."""
    return Server(
        uvicorn.Config(
            web,
            http=_protocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


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

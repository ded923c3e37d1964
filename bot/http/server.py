"""The HTTP server of a process: where it listens, and how it ends.

Rules
- Signals are not the server's: they would end the web and leave the worker.
- A stop waits for answers under way, but not for long polls.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import HTTPProtocolType

from bot.errors import UsageError

GRACE_SECONDS = 3  # a long poll of the gate doesn't hold up a stop for longer


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: they would end the web and leave the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `run`'s."""
        yield


def listening(host: str, port: int, variable: str) -> tuple[socket.socket, str]:
    """A socket that takes connections, and its address. UsageError where that can't be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        where = f"{host}:{port}"
        raise UsageError(f"HOST, {variable}: can't listen at {where}: {error.strerror}") from error
    return listener, f"http://{host}:{listener.getsockname()[1]}"


def serving(web: ASGIApp) -> Server:
    """What serves `web` on a socket that listens."""
    return Server(
        uvicorn.Config(
            web,
            http=_protocol(),
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def _protocol() -> type[asyncio.Protocol] | HTTPProtocolType:
    try:
        from bot.http.heads import LimitedHeads  # noqa: PLC0415 - its parser isn't there on Windows
    except ImportError:
        return "auto"  # the other parser, which has a limit
    return LimitedHeads

"""The end of a local server: no connection outlives it."""

import asyncio
import contextlib
import socket

from aiohttp import web

_ROUNDS_TO_BE_KNOWN = 4


async def shut_down(runner: web.AppRunner, listener: socket.socket) -> None:
    """Listen no more, and close every connection, also one that was just being accepted.

    `listener` is the socket that the runner's site listens on. asyncio takes some rounds of the
    loop from accepting a connection to telling the server of it; where the server closes in
    between, neither asyncio (https://github.com/python/cpython/issues/109564) nor aiohttp closes
    the connection.
    """
    with contextlib.suppress(NotImplementedError):  # the loop of Windows has no readers
        asyncio.get_running_loop().remove_reader(listener)
    for _ in range(_ROUNDS_TO_BE_KNOWN):
        await asyncio.sleep(0)
    await runner.cleanup()

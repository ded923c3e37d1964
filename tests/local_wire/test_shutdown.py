"""A server that ends leaves no connection open, however far it had come."""

import asyncio
import contextlib
import socket

import pytest
from aiohttp import web

from bot.local_wire.shutdown import shut_down


async def _closed(address: tuple[str, int]) -> None:
    """Connect, and see the server close the connection, or not take it."""
    with socket.socket() as connected, contextlib.suppress(ConnectionError):
        connected.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connected, address)
        assert await loop.sock_recv(connected, 1) == b""


@pytest.mark.parametrize("rounds", range(12))
@pytest.mark.parametrize("connects", ["before the end", "while it ends"])
async def test_a_connection_is_closed_however_far_it_had_come(rounds: int, connects: str) -> None:
    runner = web.AppRunner(web.Application(), shutdown_timeout=0.1)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    both = [_closed(listener.getsockname()), shut_down(runner, listener)]
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for one in both if connects == "before the end" else reversed(both):
            tasks.create_task(one)
            for _ in range(rounds):
                await asyncio.sleep(0)

"""The bot works with any server that speaks Slack's API, also one that lacks what is nice to have.

The server here has nothing of the local Slack's code: it knows what a room and its pages need,
answers everything else with HTTP 404, and keeps what it is sent.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from bot.app import create_app, running
from tests.build import ADA, BOT, JUDE, VAL
from tests.serving import serving
from tests.staging.environment import settings
from tests.staging.pipeline import body, signed
from tests.staging.stage import MovingClock, client

pytestmark = pytest.mark.either_database

Json = dict[str, Any]
PEOPLE = {"ada@acme.test": ADA}


class OtherServer:
    """A server that can do what nobody can do without."""

    def __init__(self) -> None:
        self.called: list[tuple[str, Json]] = []
        self.something = asyncio.Event()
        self._numbers = itertools.count(1)
        self._can: dict[str, Callable[[Json], Json]] = {
            "auth.test": lambda _: {"user_id": BOT, "bot_id": "B0BOT", "team_id": "T0"},
            "users.lookupByEmail": lambda given: {"user": {"id": PEOPLE[given["email"]]}},
            "conversations.create": lambda given: {"channel": {"id": "C0ROOM", **given}},
            "conversations.invite": lambda _: {"channel": {"id": "C0ROOM"}},
            "chat.postMessage": self._post,
            "chat.update": self._post,
        }

    def _post(self, given: Json) -> Json:
        ts = given.get("ts") or f"1700000000.{next(self._numbers):06d}"
        return {"ts": ts, "channel": given["channel"]}

    async def handle(self, request: web.Request) -> web.Response:
        given: Json = dict(request.query) | dict(await request.post())
        if request.content_type == "application/json":
            given |= await request.json()
        method = request.match_info["method"]
        self.called.append((method, given))
        self.something.set()
        if method not in self._can:
            raise web.HTTPNotFound
        return web.json_response({"ok": True, **self._can[method](given)})

    async def wait_for(self, holds: Callable[[list[tuple[str, Json]]], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds(self.called):
                self.something.clear()
                await self.something.wait()


@pytest.fixture
async def server() -> AsyncIterator[tuple[OtherServer, str]]:
    other = OtherServer()
    app = web.Application()
    app.add_routes([web.route("*", "/slack/{method}", other.handle)])
    async with serving(app) as url:
        yield other, f"{url}/slack/"


async def test_a_room_opens_and_pages_where_the_server_lacks_the_rest(
    server: tuple[OtherServer, str], database_url: str
) -> None:
    other, api_url = server
    chosen = settings(api_url, database_url)
    clock = MovingClock()
    async with create_app(chosen, now=clock) as app, running(app, web=True, worker=True) as here:
        async with client(here.url) as web_client:
            headers = signed(body(), "msg_1", clock().timestamp())
            answer = await web_client.post("/webhooks/violations", content=body(), headers=headers)
            assert answer.status_code == 202
        await other.wait_for(_complete)
    assert {"pins.add", "conversations.setTopic"} <= {method for method, _ in other.called}


def _complete(called: list[tuple[str, Json]]) -> bool:
    """Whether each of the three was paged, and the card stands in the room with its topic tried."""
    posted = {given["channel"] for method, given in called if method == "chat.postMessage"}
    tried = {method for method, _ in called}
    wanted = {"C0ROOM", ADA, VAL, JUDE}
    return wanted <= posted and {"pins.add", "conversations.setTopic"} <= tried

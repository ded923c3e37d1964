"""The local Slack with a toy bot, in a thread of their own: tests act as the bot, by Slack's SDK.

Rules
- The toy does nothing by itself: it notes what it is asked, and answers what a test has laid out,
  else with an empty acknowledgement.
- Waiting has an end, and nothing sleeps.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from aiohttp import web
from slack_sdk import WebClient

from bot.local_slack import LocalSlack, LocalSlackConfig
from tests.build import ADA
from tests.local_slack.support import Json
from tests.serving import serving

PATIENCE = 30.0


class Toy:
    """The bot's side of the wire."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[Json] = SimpleQueue()
        self._answers: SimpleQueue[web.Response] = SimpleQueue()

    def asked(self) -> Json:
        """The next thing that it is, or was, asked."""
        return self._asked.get(timeout=PATIENCE)

    def answers(self, body: Json | None = None, status: int = 200) -> None:
        """Lay out the answer to the next question."""
        text = json.dumps(body) if body else ""
        kind = "application/json" if body else "text/plain"
        self._answers.put(web.Response(text=text, status=status, content_type=kind))

    async def hear(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        body = json.loads(str(form["payload"])) if "payload" in form else form
        self._asked.put(body or await request.json())
        try:
            return self._answers.get_nowait()
        except Empty:
            return web.Response()


@dataclass
class Place:
    """The local Slack, as long as it runs."""

    slack: LocalSlack
    toy: Toy
    bot: WebClient = field(init=False)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.bot = WebClient(self.slack.config.bot_token, base_url=self.slack.api_url)
        self.http = httpx.Client(base_url=self.slack.url, trust_env=False)

    @property
    def url(self) -> str:
        return self.slack.url

    def room(self, *members: str, name: str = "room") -> str:
        """A private channel of the bot's with these members."""
        made = self.bot.conversations_create(name=name, is_private=True)
        channel: str = made["channel"]["id"]
        self.bot.conversations_invite(channel=channel, users=list(members or (ADA,)))
        return channel

    def say(self, channel: str, text: str = "Hello", **more: Any) -> str:  # noqa: ANN401 - blocks, a thread
        """A message of the bot's; its ts."""
        return str(self.bot.chat_postMessage(channel=channel, text=text, **more)["ts"])

    def order(self, what: str, **body: object) -> Json:
        """Somebody acts, by the control API."""
        answer = self.http.post(f"/control/{what}", json=body)
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())

    def post(self, user: str, channel: str, text: str, **more: object) -> str:
        """A message of a person's; its ts."""
        return str(self.order("post", user=user, channel=channel, text=text, **more)["ts"])

    def at(self, channel: str, user: str = ADA, **more: str) -> str:
        """The page's address."""
        return str(httpx.URL(self.url, params={"as": user, "in": channel, **more}))


@contextmanager
def running_local_slack(**changes: object) -> Iterator[Place]:
    """Run one; `changes` are of its configuration."""
    config = LocalSlackConfig.model_validate({"rate_limits": False, **changes})
    toy = Toy()
    ready: Future[tuple[LocalSlack, Callable[[], object]]] = Future()
    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(asyncio.run, _run(config, toy, ready))
        ended.add_done_callback(lambda _: ready.cancel())
        slack, stop = ready.result(PATIENCE)
        place = Place(slack, toy)
        try:
            yield place
        finally:
            place.http.close()
            stop()
            ended.result(PATIENCE)


async def _run(
    config: LocalSlackConfig, toy: Toy, ready: Future[tuple[LocalSlack, Callable[[], object]]]
) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    app = web.Application()
    app.router.add_post("/slack/events", toy.hear)
    async with serving(app) as url, LocalSlack(config) as slack:
        slack.set_request_url(f"{url}/slack/events")
        ready.set_result((slack, lambda: loop.call_soon_threadsafe(stopped.set)))
        await stopped.wait()

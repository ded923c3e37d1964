"""The demo as its page has it: the panel's routes over HTTP, and what the panel shows."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo.stage import Stage, stage
from bot.domain.channel_names import channel_name
from tests.staging.stage import client


@dataclass
class Demo:
    """The stage, and a browser's side of the panel."""

    stage: Stage
    web: httpx.AsyncClient

    async def example(self, name: str) -> str:
        answer = await self.web.get(f"/pipeline/example/{name}")
        return str(answer.json()["body"])

    async def send(self, example: str, body: str | None = None) -> dict[str, Any]:
        """What the panel shows after "Send violation"."""
        given = await self.example(example) if body is None else body
        order = {"example": example, "body": given}
        return dict((await self.web.post("/pipeline/send", json=order)).json())

    async def taken(self, example: str, body: str | None = None) -> dict[str, Any]:
        """The bot's answer to a violation that it takes."""
        said = await self.send(example, body)
        assert said["status"] == 202, said
        return dict(said["answer"])

    def channel(self, answer: dict[str, Any]) -> str:
        """The name of the channel of a room, by the bot's answer."""
        room = self.stage.app.engine.store.room(answer["room_id"])
        assert room
        return channel_name(room)

    async def skip(self, **given: float) -> str:
        answer = await self.web.post("/pipeline/skip", json=given)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["said"])

    async def shows(self, *words: str) -> str:
        """The live part's words, once they hold all of these."""

        async def look() -> str:
            return text(self.stage.pipeline.live())

        return await self.stage.people.wait_until(
            look, lambda shown: all(word in shown for word in words)
        )


def text(markup: str) -> str:
    """What a reader sees: without tags, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@asynccontextmanager
async def running(keep: Path | None = None, *, with_precedent: bool = False) -> AsyncIterator[Demo]:
    async with (
        stage(keep, with_precedent=with_precedent) as here,
        client(here.slack.url) as web,
    ):
        yield Demo(here, web)


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with running() as demo:
        yield demo

"""The whole bot against the local Slack, over HTTP, with real signatures, on both databases."""

import asyncio
import json
import os
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.app import App, Running, running, wired
from bot.local_slack import (
    LocalSlack,
    LocalSlackConfig,
    Member,
    People,
    SlackMessage,
    SlackState,
    Usergroup,
    read_manifest,
)
from bot.settings import Settings
from bot.signatures import sign

CONFIG = Path(__file__).parents[2] / "config"
SECRET = "whsec_" + b64encode(b"a secret of the tests' own").decode()
TOKEN = "token-of-the-tests"
GITHUB_SECRET = "github-secret-of-the-tests"


class MovingClock:
    """Real time, that a test can move ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Stage:
    """Everything that plays a part, and the pipeline's side of it."""

    app: App
    here: Running
    slack: LocalSlack
    people: People
    clock: MovingClock
    web: httpx.AsyncClient

    async def send(self, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a body's fields
        """A signed violation; the answer to it."""
        answer = await self.post(body(**fields))
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def post(self, content: bytes, **headers: str) -> httpx.Response:
        now = int(self.clock().timestamp())
        delivery = headers.pop("delivery", f"msg_{time.monotonic_ns()}")
        signed = {
            "content-type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(SECRET, delivery, now, content),
        }
        return await self.web.post(
            "/webhooks/violations", content=content, headers=signed | headers
        )

    async def gate(self, violation_id: str, wait: int = 0) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = await self.web.get(f"/gate/{violation_id}?wait={wait}", headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def card(self, answer: dict[str, Any], user: str = "U0VAL") -> SlackMessage:
        """The pinned card of a room, once it is there."""
        return await self.people.wait_for_message(
            user=user, channel=channel(answer), holds=lambda message: message.pinned
        )

    async def paged(self, *users: str) -> dict[str, SlackMessage]:
        """The first direct message of each, once all have one."""

        state = await self.people.wait_for(lambda state: all(direct(state, user) for user in users))
        return {user: direct(state, user)[0] for user in users}

    async def buttonless(self, user: str) -> None:
        """Return once the page of `user` has no buttons any more."""
        await self.people.wait_for(lambda state: not direct(state, user)[0].action_ids)

    async def told(self, user: str, count: int) -> None:
        """Return once the bot has written that often to `user`."""
        await self.people.wait_for(lambda state: len(direct(state, user)) >= count)

    async def joined(self, name: str, user: str) -> None:
        """Return once `user` is in the channel."""
        await self.people.wait_for(
            lambda state: (found := state.channel(name)) and user in found.members
        )

    async def until(
        self, holds: Callable[[SlackState], object], step: timedelta, seconds: float = 20
    ) -> SlackState:
        """What is seen once it `holds`, while the clock goes on by a step at each look."""
        async with asyncio.timeout(seconds):
            while not holds(state := await self.people.state()):
                self.move(step)
                await self.app.engine.wakeups.room_changed("any", 0.2)
        return state

    def move(self, ahead: timedelta) -> None:
        self.clock.ahead += ahead
        self.app.engine.wakeups.clock.set()
        self.app.engine.wakeups.outbox.set()


def direct(state: SlackState, user: str) -> tuple[SlackMessage, ...]:
    found = state.direct(user)
    return found.messages if found else ()


def body(**fields: Any) -> bytes:  # noqa: ANN401 - a body's fields
    report = {
        "policy": "pii-fine-tuning",
        "title": "ranker fine-tuned on customers_eu",
        "initiator": {"email": "ada@acme.test"},
        "subject": {"kind": "model", "name": "ranker", "version": "7"},
        "origin": {
            "system": "github-actions",
            "repository": "acme/ranker",
            "commit": "8c1f2a7d94e06b33",
            "run_url": "https://github.com/acme/ranker/actions/runs/1",
            "pull_request": 42,
        },
        "facts": {"dataset": {"name": "customers_eu", "classification": "pii"}},
    }
    return json.dumps({**report, **fields}).encode()


def channel(answer: dict[str, Any], policy: str = "pii-fine-tuning") -> str:
    return f"wr-{policy}-{answer['room_id']}"


def local_slack_config(**fields: Any) -> LocalSlackConfig:  # noqa: ANN401 - its fields
    """The app may do what its manifest asks for, and nothing else."""
    people = [("ADA", "ada"), ("VAL", "val"), ("VIV", "viv"), ("JUDE", "jude"), ("BACK", "bea")]
    extra = [("EVE", "eve")]
    given = {
        **read_manifest(CONFIG / "slack-manifest.yaml").settings(),
        "rate_limits": False,
        "people": tuple(
            Member(id=f"U0{key}", name=name, real_name=name.title(), email=f"{name}@acme.test")
            for key, name in people + extra
        ),
        "usergroups": (Usergroup(id="S0LEGAL", handle="legal", users=("U0JUDE", "U0BACK")),),
        **fields,
    }
    return LocalSlackConfig(**given)


def settings(slack: LocalSlack, database_url: str, **fields: Any) -> Settings:  # noqa: ANN401
    given = {
        "slack_bot_token": SecretStr(slack.config.bot_token),
        "slack_signing_secret": SecretStr(slack.config.signing_secret),
        "slack_app_token": SecretStr(""),
        "slack_api_url": slack.api_url,
        "database_url": database_url,
        "warroom_config": CONFIG,
        "warroom_webhook_secret": SecretStr(SECRET),
        "warroom_api_token": SecretStr(TOKEN),
        "warroom_public_url": "https://warroom.test",
        "host": "127.0.0.1",
        "port": 0,
        **fields,
    }
    return Settings(**given)


@asynccontextmanager
async def staged(
    slack: LocalSlack,
    people: People,
    database_url: str,
    **fields: Any,  # noqa: ANN401
) -> AsyncIterator[Stage]:
    """The bot on its own port, talking to `slack`."""
    clock = MovingClock()
    chosen = settings(slack, database_url, **fields)
    async with wired(chosen, clock) as app, running(app, web=True, worker=True) as here:
        slack.set_request_url(f"{here.url}/slack/events")
        async with httpx.AsyncClient(base_url=here.url, timeout=40) as web:
            yield Stage(app, here, slack, people, clock, web)


@pytest.fixture
async def local_slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(local_slack_config()) as slack:
        yield slack


@pytest.fixture
async def people(local_slack: LocalSlack) -> AsyncIterator[People]:
    async with People(local_slack.url) as people:
        yield people


@pytest.fixture
async def stage(
    local_slack: LocalSlack,
    people: People,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    monkeypatch.setitem(os.environ, "WARROOM_GITHUB_SECRET", GITHUB_SECRET)
    async with staged(local_slack, people, database_url) as stage:
        yield stage

"""The whole bot against the local Slack, over HTTP, with real signatures, in one process."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.app import App, Running, create_app, running
from bot.domain.channel_names import channel_name
from bot.domain.readers import readable_since
from bot.integrations.extension import Extension
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
from tests.build import BEA, JUDE, NAMES, VAL
from tests.choosing import is_settled
from tests.evidence.exporting import verified, written
from tests.evidence.stranger import by_stranger
from tests.staging.environment import CONFIG, TOKEN, settings
from tests.staging.pipeline import body, signed

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
        """The same of a body; what else is given is a header, or the `delivery`'s id."""
        delivery = headers.pop("delivery", f"msg_{time.monotonic_ns()}")
        given = signed(content, delivery, self.clock().timestamp()) | headers
        return await self.web.post("/webhooks/violations", content=content, headers=given)

    async def gate(self, violation_id: str, wait: int = 0) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = await self.web.get(f"/gate/{violation_id}?wait={wait}", headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def channel(self, answer: dict[str, Any]) -> str:
        """The name of the channel of a room, whatever it is about."""
        room = self.app.engine.store.room(answer["room_id"])
        assert room
        return channel_name(room)

    async def card(self, answer: dict[str, Any], user: str = VAL) -> SlackMessage:
        """The pinned card of a room, once it is there."""
        return await self.people.wait_for_message(
            user=user, channel=self.channel(answer), holds=lambda message: message.pinned
        )

    async def paged(self, *users: str) -> dict[str, SlackMessage]:
        """The first direct message of each, once all have one."""

        state = await self.people.wait_for(lambda state: all(direct(state, user) for user in users))
        return {user: direct(state, user)[0] for user in users}

    async def buttonless(self, user: str) -> None:
        """Return once the page of `user` has no buttons any more."""
        await self.people.wait_for(lambda state: is_settled(direct(state, user)[0]))

    async def told(self, user: str, count: int) -> None:
        """Return once the bot has written that often to `user`."""
        await self.people.wait_for(lambda state: len(direct(state, user)) >= count)

    async def joined(self, name: str, user: str) -> None:
        """Return once `user` is in the channel."""
        await self.people.wait_for(
            lambda state: (found := state.channel(name)) and user in found.members
        )

    async def readable(self, answer: dict[str, Any]) -> None:
        """Return once all who belong in a room's channel can read its result there."""

        def shown(_: SlackState) -> bool:
            room = self.app.engine.store.room(answer["room_id"])
            return bool(room and readable_since(room))

        await self.people.wait_for(shown)

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


def client(url: str) -> httpx.AsyncClient:
    """Speaks plain HTTP with a server of the tests', so it loads no certificates."""
    return httpx.AsyncClient(base_url=url, timeout=40, verify=PLAIN, trust_env=False)


def direct(state: SlackState, user: str) -> tuple[SlackMessage, ...]:
    found = state.direct(user)
    return found.messages if found else ()


def local_slack_config(**fields: Any) -> LocalSlackConfig:  # noqa: ANN401 - its fields
    """The app may do what its manifest asks for, and nothing else."""
    given = {
        **read_manifest(CONFIG / "slack-manifest.yaml").settings(),
        "rate_limits": False,
        "people": tuple(
            Member(id=user, name=name, real_name=name.title(), email=f"{name}@acme.test")
            for user, name in NAMES.items()
        ),
        "usergroups": (Usergroup(id="S0LEGAL", handle="legal", users=(JUDE, BEA)),),
        **fields,
    }
    return LocalSlackConfig(**given)


@asynccontextmanager
async def staged(
    slack: LocalSlack,
    people: People,
    database_url: str,
    extensions: Sequence[Extension] = (),
    *,
    is_sound: bool = True,
    **changes: object,
) -> AsyncIterator[Stage]:
    """The bot with `extensions`, on its own port, talking to `slack`; changes are variables.

    What was recorded meanwhile is verified at the end, as an auditor would, unless it `is_sound`
    not, since a test has written into it.
    """
    clock = MovingClock()
    chosen = settings(slack.api_url, database_url, **changes)
    async with (
        create_app(chosen, extensions, clock) as app,
        running(app, web=True, worker=True) as here,
    ):
        slack.set_request_url(f"{here.url}/slack/events")
        async with client(here.url) as web:
            yield Stage(app, here, slack, people, clock, web)
            if is_sound:
                data = written(app.engine.store.database).data()
                found = [each.what for each in verified(data).findings]
                assert (found, by_stranger(data)) == ([], set())

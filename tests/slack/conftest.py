"""A bot and a local Slack that speak to each other as over the network: signed HTTP."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.integrations.slack.deliver.slack_delivery import SlackDelivery
from bot.integrations.slack.hear.bolt import bolt_app
from bot.integrations.slack.hear.guard import refuse
from bot.integrations.slack.kinds import SLACK
from bot.integrations.slack.scopes import EVENTS
from bot.integrations.slack.verbs.verb import Verbs
from bot.local_slack import LocalSlack, LocalSlackConfig, Member, People
from bot.outbox.worker import Outbox
from bot.policies.load import Config
from bot.policies.people import Directory
from bot.storage.database import Database
from tests.build import EVERYBODY, POLICY, eve, report
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING, KINDS
from tests.serving import serving

MEMBERS = [Member(id=who.slack, name=who.name) for who in EVERYBODY if who.slack]
PEOPLE = Directory(people={who.name: who for who in EVERYBODY if who is not eve})
CONFIG = Config(policies={POLICY.id: POLICY}, people=PEOPLE)
GENERAL = "C0GENERAL"


@dataclass(frozen=True)
class World:
    """Everything that runs."""

    engine: Engine
    people: People
    slack: LocalSlack
    app: AsyncApp
    url: str
    clock: HandClock

    async def open_room(self) -> WarRoom:
        """A room with its channel, its card and its pages."""
        receipt = await self.engine.report(report(), "violations", "delivery1")
        return await self.until(
            receipt.room.id, lambda room: room.card and room.let_in and len(room.pages) == 3
        )

    async def room(self, room_id: str) -> WarRoom:
        room = await asyncio.to_thread(self.engine.store.room, room_id)
        assert room
        return room

    async def until(self, room_id: str, holds: Callable[[WarRoom], object]) -> WarRoom:
        async with asyncio.timeout(10):
            room = await self.room(room_id)
            while not holds(room):
                await self.engine.wakeups.room_changed(room_id, 0.5)
                room = await self.room(room_id)
        return room


async def said(world: World, user: str, words: str, channel: str = GENERAL) -> str:
    """What the person is answered, for their eyes only."""
    text = f"/warroom {words}".strip()
    given = await world.people.command(user=user, channel=channel, text=text)
    assert given.answer.acked, given.answer
    if given.ts is None:
        return ""
    messages = await world.people.messages(user, given.channel)
    message = next(message for message in messages if message.ts == given.ts)
    assert message.ephemeral
    assert message.only_for == user
    return message.words


def channel_of(room: WarRoom) -> str:
    assert room.channel
    return room.channel


@pytest.fixture
def added() -> Extension:
    """What the bot has beside what is built in; a test that needs some overrides this."""
    return Extension()


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """The workspace; a test that needs another overrides this."""
    async with LocalSlack(
        LocalSlackConfig(people=tuple(MEMBERS), rate_limits=False, events=tuple(EVENTS))
    ) as slack:
        yield slack


@pytest.fixture
def config() -> Config:
    """What is configured; a test that needs something else overrides this."""
    return CONFIG


@pytest.fixture
async def world(
    tmp_path: Path,
    sqlite_template: Path,
    clock: HandClock,
    added: Extension,
    slack: LocalSlack,
    config: Config,
) -> AsyncIterator[World]:
    shutil.copy(sqlite_template, tmp_path / "warroom.db")
    database = Database(f"sqlite:///{tmp_path / 'warroom.db'}")
    parts = with_built_in([added])
    engine = Engine(database, config, clock, Wakeups(asyncio.get_running_loop()), FOLLOWING)
    await engine.start("tests")
    async with People(slack.url) as people:
        token, secret = slack.config.bot_token, slack.config.signing_secret
        client = AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])
        app = bolt_app(
            engine,
            token=token,
            signing_secret=secret,
            client=client,
            parts=parts,
        )
        async with _serving(app) as url, _delivering(engine, client, parts.verbs):
            slack.set_request_url(url)
            yield World(engine, people, slack, app, url, clock)
    await asyncio.to_thread(engine.stop)
    database.dispose()


@contextlib.asynccontextmanager
async def _serving(app: AsyncApp) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        if reason := refuse(request.headers, body):
            return web.Response(status=400, text=reason)
        headers = dict(request.headers)
        bolt_request = AsyncBoltRequest(body=body.decode(), headers={**headers})
        return await to_aiohttp_response(await app.async_dispatch(bolt_request))

    server = web.Application()
    server.router.add_post("/slack/events", handle)
    async with serving(server) as url:
        yield f"{url}/slack/events"


@contextlib.asynccontextmanager
async def _delivering(engine: Engine, client: AsyncWebClient, verbs: Verbs) -> AsyncIterator[None]:
    through = {SLACK.name: SlackDelivery(engine, client, verbs)}
    # A clock that a test moves is no clock that somebody has set.
    outbox = Outbox(engine, KINDS, through, steady=lambda: engine.now().timestamp())
    task = asyncio.create_task(outbox.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""The one place where things are wired: settings and configuration in, running processes out.

Rules
- `web` hears (webhooks, gate, Slack), `worker` acts (clock, outbox), `serve` is both in one.
- A task that dies ends the process: a supervisor starts it again, and the rows know the rest.
- SQLite is migrated at the start, PostgreSQL by `warroom db upgrade`.
"""

import asyncio
import signal
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from socket import socket

import structlog
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.effects import EffectKind
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.engine.notices import Notices
from bot.engine.outbox import Outbox
from bot.errors import UnreachableError, UsageError
from bot.gate.callback import Callback
from bot.policies.load import Config, load
from bot.settings import Settings, require_slack
from bot.slack.app import bolt_app
from bot.slack.delivery import SlackDelivery
from bot.storage import migrations
from bot.storage.database import Database
from bot.web import Web, web_app

log = structlog.get_logger()

SLACK_TIMEOUT_SECONDS = 10
RECONNECT_SECONDS = 5.0


def utc_now() -> datetime:
    """The process's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, wired."""

    settings: Settings
    config: Config
    engine: Engine
    client: AsyncWebClient

    def slack(self) -> AsyncApp:
        """The listeners."""
        return bolt_app(
            self.engine,
            self.config,
            token=self.settings.slack_bot_token.get_secret_value(),
            signing_secret=self.settings.slack_signing_secret.get_secret_value(),
            client=self.client,
        )

    def outbox(self) -> Outbox:
        """The delivery."""
        secrets = self.settings.webhook_secrets
        callback = Callback(secrets[0] if secrets else None, self.engine.now)
        deliverers = {
            **SlackDelivery(self.engine, self.client).deliverers(),
            EffectKind.CALLBACK: callback.deliver,
        }
        return Outbox(self.engine, deliverers)


def open_database(settings: Settings) -> Database:
    """The database, with its tables as this version needs them."""
    database = Database(settings.database_url)
    try:
        if database.is_sqlite:
            migrations.upgrade(database)
        elif not migrations.is_current(database):
            raise UsageError("the database's tables are not current: run `warroom db upgrade`")
    except SQLAlchemyError as error:
        where = database.url.render_as_string(hide_password=True)
        raise UnreachableError(f"DATABASE_URL: can't use {where}: {error.args[0]}") from error
    return database


@asynccontextmanager
async def wired(settings: Settings, now: Callable[[], datetime] = utc_now) -> AsyncIterator[App]:
    """The app on a running loop; whatever it began is finished at the end."""
    require_slack(settings)
    config = load(settings.warroom_config)
    database = await asyncio.to_thread(open_database, settings)
    engine = Engine(database, config.policies, now, Notices(asyncio.get_running_loop()))
    try:
        await engine.start()
        client = AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_api_url,
            timeout=SLACK_TIMEOUT_SECONDS,
            retry_handlers=[],  # the outbox tries again, and remembers that over a restart
        )
        yield App(settings, config, engine, client)
    finally:
        await asyncio.to_thread(engine.stop)
        database.dispose()


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: they would end the web and leave the worker."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `run`'s."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Say where, once requests are taken."""
        await super().startup(sockets)
        if self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self.listening.set_result(f"http://{host}:{port}")


@dataclass(slots=True)
class Running:
    """What runs: its tasks, and where it listens."""

    tasks: list[asyncio.Task[None]]
    url: str = ""

    async def ended(self) -> None:
        """Return when a task ends, which none should; its error is raised."""
        done, _ = await asyncio.wait(self.tasks, return_when=FIRST_COMPLETED)
        for task in done:
            task.result()


@asynccontextmanager
async def running(app: App, *, web: bool, worker: bool) -> AsyncIterator[Running]:
    """The parts that are asked for, until the block ends."""
    here = Running([])
    server: _Server | None = None
    if worker:
        here.tasks += [
            asyncio.create_task(Clock(app.engine).run(), name="clock"),
            asyncio.create_task(app.outbox().run(), name="outbox"),
        ]
    if web:
        slack = app.slack()
        server = _server(app, slack)
        here.tasks.append(asyncio.create_task(server.serve(), name="web"))
        await asyncio.wait([here.tasks[-1], server.listening], return_when=FIRST_COMPLETED)
        here.url = server.listening.result() if server.listening.done() else ""
        if app.settings.socket_mode:
            here.tasks.append(asyncio.create_task(_socket(slack, app.settings), name="socket"))
    try:
        yield here
    finally:
        await _end(here, server)


async def _end(here: Running, server: _Server | None) -> None:
    if server:
        server.should_exit = True
    for task in here.tasks:
        if task.get_name() != "web":
            task.cancel()
    await asyncio.gather(*here.tasks, return_exceptions=True)


async def run(settings: Settings, *, web: bool, worker: bool) -> None:
    """Run until a signal says stop, or a part ends, whose error is raised."""
    async with wired(settings) as app:
        stop = asyncio.create_task(_signal())
        async with running(app, web=web, worker=worker) as here:
            if here.url:
                log.info(
                    "web.listening",
                    url=here.url,
                    slack="socket" if settings.socket_mode else "http",
                )
            ended = asyncio.create_task(here.ended())
            await asyncio.wait([stop, ended], return_when=FIRST_COMPLETED)
            log.info("warroom.stopping")
        if ended.done():
            ended.result()


def _server(app: App, slack: AsyncApp) -> _Server:
    return _Server(
        uvicorn.Config(
            web_app(_web(app, slack)),
            host=app.settings.host,
            port=app.settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
    )


def _web(app: App, slack: AsyncApp) -> Web:
    raise NotImplementedError


async def _socket(slack: AsyncApp, settings: Settings) -> None:
    handler = AsyncSocketModeHandler(slack, settings.slack_app_token.get_secret_value())
    try:
        while True:
            try:
                await handler.connect_async()
            except Exception as error:  # noqa: BLE001 - Slack away is a reason to wait, not to stop
                log.warning("socket.not_connected", error=repr(error))
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                log.info("socket.connected")
                await asyncio.Event().wait()  # the client reconnects by itself
    finally:
        await handler.close_async()


async def _signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()

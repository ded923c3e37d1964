"""The one place where things are wired: settings and configuration in, running processes out.

Rules
- `web` hears (webhooks, gate, Slack), `worker` acts (clock, outbox), `serve` is both in one.
- A task that dies ends the process: a supervisor starts it again, and the rows know the rest.
- SIGHUP has the configuration's files read anew.
- On SQLite one process does all: it holds the file's lock, and `web` and `worker` are refused.
- SQLite is migrated at the start, PostgreSQL by `warroom db upgrade`.
"""

import asyncio
import signal
import socket
import time
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp

from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.engine.loads import who_runs_this
from bot.engine.people import follow
from bot.engine.reloading import Reloading
from bot.engine.retention import keep_to_periods
from bot.engine.rule_ends import follow_rules
from bot.engine.wakeups import Wakeups
from bot.errors import UsageError
from bot.evidence.keeping import keep_log
from bot.http.application import Web, health_app, web_app
from bot.http.places import Places
from bot.http.server import Server, listening, serving
from bot.http.webhooks import Intake
from bot.integrations.callback.addresses import Addresses
from bot.integrations.extension import Extension
from bot.integrations.people.hourly import import_hourly
from bot.integrations.registry import kinds_of, with_built_in
from bot.integrations.slack.client import slack_client
from bot.integrations.slack.hear.bolt import bolt_app
from bot.integrations.slack.hear.reports import SOURCE as BY_HAND
from bot.integrations.source import with_own_names
from bot.integrations.wiring import Wiring
from bot.metrics.meters import Meters
from bot.metrics.stored import Stored
from bot.outbox.enqueue import RegisteredFollowers
from bot.outbox.kinds import Kinds
from bot.outbox.worker import Outbox
from bot.policies.load import Config, load
from bot.settings import Settings, require_slack
from bot.signatures import Secret
from bot.storage import notify
from bot.storage.database import Database
from bot.storage.opening import prepared
from bot.storage.single_process import alone

log = structlog.get_logger()

RECONNECT_SECONDS = 5.0
ONE_PROCESS = (
    "`warroom web` and `warroom worker` need PostgreSQL; on SQLite one process does all: "
    "run `warroom serve`, or set DATABASE_URL=postgresql://… (`warroom export` and "
    "`warroom import` move what there is)"
)


def utc_now() -> datetime:
    """The process's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, wired; `parts` is what is built in and what was added."""

    settings: Settings
    parts: Extension
    engine: Engine
    kinds: Kinds
    client: AsyncWebClient
    meters: Meters
    reloading: Reloading

    def slack(self) -> AsyncApp:
        """The listeners."""
        return bolt_app(
            self.engine,
            token=self.settings.slack_bot_token.get_secret_value(),
            signing_secret=self.settings.slack_signing_secret.get_secret_value(),
            client=self.client,
            parts=self.parts,
        )

    def web(self, slack: AsyncApp, url: str, *, shared: bool = False) -> Web:
        """What the web needs; `url` is where it listens, `shared` whether others do there too."""
        settings, config = self.settings, self.engine.config
        intake = Intake(
            engine=self.engine,
            config=config,
            secrets=self._secrets(config),
            public_url=settings.warroom_public_url or url,  # the port may have been any
            callback_refusal=Addresses(config.sources.callbacks.allow).refusal,
            places=Places(self.meters),
        )

        def prepare(config: Config) -> Callable[[], None]:
            refusal = Addresses(config.sources.callbacks.allow).refusal
            return partial(intake.use, config, self._secrets(config), refusal)

        self.reloading.used_by(prepare)
        return Web(
            engine=self.engine,
            sources=self.parts.sources,
            intake=intake,
            slack=None if settings.socket_mode else slack,
            kinds=self.kinds,
            signing_secret=settings.slack_signing_secret.get_secret_value(),
            meters=self.meters,
            shared=shared,
            address=settings.warroom_public_url,
        )

    def _secrets(self, config: Config) -> dict[str, tuple[Secret, ...]]:
        """The secrets of each source that is configured. UsageError where one can't be used."""
        sections, sources = config.sources.sections, self.parts.sources
        secrets = {
            source.name: source.settings.usable(self.settings, sections.get(source.name))
            for source in sources
            if source.name in sections or not source.settings.section
        }
        with_own_names(secrets, {BY_HAND, *(source.name for source in sources)})
        return secrets

    async def deliver(self) -> None:
        """Deliver effects until it is cancelled, with every destination connected."""
        wiring = Wiring(self.settings, self.engine, self.client, self.parts.verbs)
        now = self.engine.now
        # A clock that a demo or a test moves is no clock that somebody has set.
        steady = time.monotonic if now is utc_now else lambda: now().timestamp()
        async with AsyncExitStack() as connected:
            through = {
                name: await connected.enter_async_context(destination.connect(wiring))
                for name, destination in self.kinds.destinations.items()
            }
            await Outbox(self.engine, self.kinds, through, steady).run()


@asynccontextmanager
async def create_app(
    settings: Settings,
    extensions: Sequence[Extension] = (),
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[App]:
    """The app on a running loop, with `extensions` beside what is built in.

    Whatever it began is finished at the end. InUseError where another process works with the same
    SQLite file.
    """
    require_slack(settings)
    parts = with_built_in(extensions)
    with alone(Database(settings.database_url).file):
        read = partial(load, settings.warroom_config, parts.sections)
        config = read()
        database = await asyncio.to_thread(prepared, Database(settings.database_url))
        meters = Meters()
        kinds = kinds_of(parts, settings)
        followers = RegisteredFollowers(kinds, parts.followers)
        wakeups = Wakeups(asyncio.get_running_loop())
        engine = Engine(database, config, now, wakeups, followers, meters, settings.slack_address)
        try:
            meters.collect_with(Stored(engine, kinds, parts.measures))
            await engine.start(who_runs_this())
            reloading = Reloading(engine, read, who_runs_this())
            async with slack_client(settings, meters.called) as client:
                yield App(settings, parts, engine, kinds, client, meters, reloading)
        finally:
            await asyncio.to_thread(engine.stop)
            database.dispose()


@dataclass(slots=True)
class Running:
    """What runs: its tasks, and where it listens."""

    tasks: list[asyncio.Task[None]]
    url: str = ""
    figures: str = ""  # its own address for health and figures, where it has one
    servers: list[Server] = field(default_factory=list)

    def start(self, name: str, part: Coroutine[None, None, None]) -> None:
        """One part more."""
        self.tasks.append(asyncio.create_task(part, name=name))

    def serve(self, web: ASGIApp, listener: socket.socket) -> None:
        """A server, which ends by itself, with what it has begun."""
        self.servers.append(server := serving(web))
        self.start("web", server.serve([listener]))

    async def ended(self) -> None:
        """Return when a task ends, which none should; its error is raised."""
        done, _ = await asyncio.wait(self.tasks, return_when=FIRST_COMPLETED)
        for task in done:
            task.result()


@asynccontextmanager
async def running(
    app: App, *, web: bool, worker: bool, shared: bool = False
) -> AsyncIterator[Running]:
    """The parts that are asked for, until the block ends; with `shared` others hear at the port."""
    here, host, port = Running([]), app.settings.host, app.settings.warroom_metrics_port
    # Both ports before anything is heard: one that is taken ends all of it.
    listens = listening(host, app.settings.port, "PORT", shared=shared) if web else None
    has_figures = port is not None and (shared or not web)
    counts = listening(host, port or 0, "WARROOM_METRICS_PORT") if has_figures else None
    if listens:
        slack = app.slack()
        listener, here.url = listens
        here.serve(web_app(app.web(slack, here.url, shared=shared)), listener)
        if app.settings.socket_mode:
            here.start("socket", _socket(slack, app.settings))
    if counts:
        listener, here.figures = counts
        here.serve(health_app(app.engine, app.meters, app.kinds), listener)
    database = app.engine.store.database
    if not database.is_sqlite:
        here.start("notifications", notify.listen(database, app.engine.wakeups.wake))
    here.start("people", follow(app.engine, app.reloading.follow, tell_rooms=worker))
    if worker:
        here.start("clock", Clock(app.engine).run())
        here.start("rules", follow_rules(app.engine))
        here.start("retention", keep_to_periods(app.engine))
        reloaded = asyncio.Event()
        app.reloading.used_by(lambda _: reloaded.set)
        here.start("imports", import_hourly(app.engine, app.client, reloaded))
        here.start("outbox", app.deliver())
        here.start("log", keep_log(app.engine, app.settings))
    try:
        yield here
    finally:
        app.engine.wakeups.close()
        for server in here.servers:
            server.should_exit = True
        for task in here.tasks:
            if task.get_name() != "web":
                task.cancel()
        await asyncio.gather(*here.tasks, return_exceptions=True)


async def run(
    settings: Settings,
    extensions: Sequence[Extension] = (),
    *,
    web: bool,
    worker: bool,
    shared: bool = False,
) -> None:
    """Run until a signal says stop, or a part ends, whose error is raised."""
    if not (web and worker) and Database(settings.database_url).is_sqlite:
        raise UsageError(ONE_PROCESS)
    async with create_app(settings, extensions) as app:
        signalled = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, signalled.set)
        stop = asyncio.create_task(signalled.wait())
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # of several processes it waits
        async with running(app, web=web, worker=worker, shared=shared) as here:
            slack = "socket" if settings.socket_mode else "http"
            url, figures = here.url or None, here.figures or None
            log.info("warroom.started", web=url, figures=figures, worker=worker, slack=slack)
            here.start("reloading", _reload_when(asked, app.reloading))
            ended = asyncio.create_task(here.ended())
            await asyncio.wait([stop, ended], return_when=FIRST_COMPLETED)
            failed = ended.done()  # asked now: the stop below ends every part
            log.info("warroom.stopping")
        if failed:
            ended.result()


async def _reload_when(asked: asyncio.Event, reloading: Reloading) -> None:
    while True:
        await asked.wait()
        asked.clear()
        await reloading.reload()


async def _socket(slack: AsyncApp, settings: Settings) -> None:
    from slack_bolt.adapter.socket_mode.aiohttp import (  # noqa: PLC0415 - HTTP mode needs none
        AsyncSocketModeHandler,
    )

    handler = AsyncSocketModeHandler(slack, settings.slack_app_token.get_secret_value())
    try:
        while True:
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt's
            except Exception as error:  # noqa: BLE001 - Slack away is a reason to wait, not to stop
                log.warning("socket.not_connected", error=repr(error))
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                log.info("socket.connected")
                await asyncio.Event().wait()  # the client reconnects by itself
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # Bolt's

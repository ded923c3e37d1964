"""The server: one local Slack on a port of the loopback interface."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.local_slack import keeping
from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.config import LocalSlackConfig
from bot.local_slack.control.arranging import arranging_routes
from bot.local_slack.control.control_routes import acting_routes, looking_routes
from bot.local_slack.control.refusals import refusals
from bot.local_slack.delivery.events_api import Events
from bot.local_slack.delivery.line import Line
from bot.local_slack.delivery.payloads import Payloads
from bot.local_slack.delivery.response_urls import ResponseUrls
from bot.local_slack.page.page_routes import page_routes
from bot.local_slack.page.panel import Panel
from bot.local_slack.slack_errors import ConfigError, error_of
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.webapi.file_transfer import file_routes
from bot.local_slack.webapi.web_api import WebApi
from bot.local_wire.call_log import CallLog
from bot.local_wire.faults import Faults
from bot.local_wire.feed import FeedEvent
from bot.local_wire.shutdown import shut_down

log = logging.getLogger(__name__)

_LARGEST_BODY = 4 * 1024 * 1024
_PATIENCE = 0.2
"""Seconds that open answers get when the server stops."""


class LocalSlack:
    """A local Slack at `url`, for as long as the `async with` lasts.

    `port=0` takes a free port. `config` is what it was made of; the request URL can be
    changed later by `set_request_url`. `clock` gives the Unix time that messages are dated with.
    `panels` stand beside the workspace on its page. `keep` is a file that it goes on from, and is
    written to. Entering raises ConfigError when that file can't be used.
    """

    def __init__(
        self,
        config: LocalSlackConfig | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        panels: Sequence[Panel] = (),
        keep: Path | None = None,
    ) -> None:
        self.config = config or LocalSlackConfig()
        for warning in self.config.warnings:
            log.warning("workspace.unknown_name: %s", warning)
        self._host, self._port, self._panels = host, port, tuple(panels)
        self.workspace = Workspace(self.config, clock)
        self._faults = Faults(self.workspace.feed, self.config.seed)
        self._log = CallLog(self.workspace.feed, self.workspace.core.now, "slack", error_of)
        self._line = Line(self.workspace, self._faults, self._log)
        self._events = Events(self.workspace, self._line)
        self._serving: tuple[web.AppRunner, socket.socket] | None = None
        self._keep = keep
        self._keeping: asyncio.Task[None] | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The base of all addresses, without a slash at the end."""
        return self._url

    @property
    def api_url(self) -> str:
        """What a Slack client takes as its base URL."""
        return f"{self._url}/api/"

    def set_request_url(self, url: str | None) -> None:
        """Tell where the bot listens: commands, interactions and events go there."""
        self._line.request_url.url = url

    def on_change(self, listener: Callable[[FeedEvent], None]) -> None:
        """Call `listener` with each change from now on, before whoever made it goes on."""
        self.workspace.feed.listen(listener)

    def refresh(self, panel: str) -> None:
        """Show every open page what this panel holds now."""
        self.workspace.feed.publish("panel.changed", panel=panel)

    async def __aenter__(self) -> Self:
        listener = socket.create_server((self._host, self._port))
        self._url = self.workspace.core.base_url = (
            f"http://{self._host}:{listener.getsockname()[1]}"
        )
        if self._keep is not None:
            try:
                keeping.restore(self.workspace, self._keep)
            except ConfigError:
                listener.close()
                raise
            self._keeping = asyncio.create_task(keeping.keep(self.workspace, self._keep))
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=_PATIENCE)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        self._serving = runner, listener
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.workspace.feed.close()
        await self._events.close()
        await self._line.close()
        if self._serving is not None:
            await shut_down(*self._serving)
        if self._keep is not None and self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            keeping.save_at_last(self.workspace, self._keep)

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[refusals(self._host)])
        api = WebApi(self.workspace, self._faults, self._log)
        response_urls = ResponseUrls(self.workspace, self._faults, self._log)
        payloads = Payloads(self.workspace, self._url)
        context = ActContext(self.workspace, self._line, payloads, self._events)
        app.add_routes(
            [
                web.get("/api/{method}", api.handle),
                web.post("/api/{method}", api.handle),
                web.post("/response/{id}", response_urls.handle),
                web.get("/link", self._line.links.accept),
                *file_routes(self.workspace, self._faults, self._log),
                *looking_routes(context),
                *acting_routes(context),
                *arranging_routes(self.workspace.feed, self._line, self._faults, self._log),
                *page_routes(context, self._log, self._panels),
            ]
        )
        return app

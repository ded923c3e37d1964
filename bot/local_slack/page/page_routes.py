"""The page's addresses: `/` shows it, `/page/…` is what it needs.

Rules
- A page loads and runs only what this server gives it; pictures may come from elsewhere, since a
  bot may show them.
"""

import re
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.control.control_routes import acting_routes
from bot.local_slack.page.live import Live
from bot.local_slack.page.panel import Panel
from bot.local_slack.page.render import Renderer
from bot.local_slack.page.viewer import Viewer, viewer
from bot.local_wire.call_log import CallLog

_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'self'; img-src 'self' data: http: https:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"X-Content-Type-Options": "nosniff"}
_NUMBER = re.compile(r"[0-9]{1,15}")


def page_routes(context: ActContext, log: CallLog, panels: tuple[Panel, ...]) -> list[web.RouteDef]:
    """The page, its files, its WebSocket, and what it asks for later."""
    page = _Pages(context, Renderer(context, log, panels))
    return [
        web.get("/", page.show),
        web.get("/app_redirect", _to_channel),
        web.get("/page/live", page.follow),
        web.get("/page/earlier", page.earlier),
        web.get(r"/page/call/{number:\d{1,15}}", page.call),
        web.get(r"/page/{name:[\w-]+\.(?:js|css|svg)}", _static),
        # What people do, as in the control API; a refusal is answered with HTTP 200 here.
        *(
            web.post(route.path.replace("/control/", "/page/act/"), route.handler)
            for route in acting_routes(context)
        ),
        *(route for panel in panels for route in panel.routes),
    ]


class _Pages:
    """What a page asks for, each time for the viewer that its address names."""

    def __init__(self, context: ActContext, renderer: Renderer) -> None:
        self._context, self._renderer = context, renderer
        self._live = Live(context.workspace.feed, renderer)

    async def show(self, request: web.Request) -> web.Response:
        return _html(request, self._renderer.page(self._viewer(request)))

    async def follow(self, request: web.Request) -> web.StreamResponse:
        after = request.query.get("after", "")
        seen = int(after) if _NUMBER.fullmatch(after) else None
        return await self._live.follow(request, self._viewer(request), seen)

    async def earlier(self, request: web.Request) -> web.Response:
        before, since = request.query.get("before", ""), request.query.get("since", "")
        return _html(request, self._renderer.earlier(self._viewer(request), before, since))

    async def call(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        found = self._renderer.call(self._viewer(request), number)
        return _html(request, found or "<p>This call is not kept any more.</p>")

    def _viewer(self, request: web.Request) -> Viewer:
        return viewer(self._context, request.query)


async def _to_channel(request: web.Request) -> web.Response:
    """Where Slack's address of a channel leads, whichever workspace it is in."""
    raise web.HTTPFound("/?" + urlencode({"in": request.query.get("channel", "")}))


async def _static(request: web.Request) -> web.StreamResponse:
    path = _STATIC / request.match_info["name"]
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers=_HEADERS | {"Cache-Control": "no-cache"})


def _html(request: web.Request, body: str) -> web.Response:
    policy = f"{_POLICY}; connect-src 'self' ws://{request.host}"
    headers = _HEADERS | {"Cache-Control": "no-store", "Content-Security-Policy": policy}
    return web.Response(text=body, content_type="text/html", headers=headers)

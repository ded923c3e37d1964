"""The page's addresses: `/` shows it, `/page/…` is what it needs.

Rules
- A page loads and runs only what this server gives it; pictures may come from elsewhere, since a
  bot may show them.
"""

from pathlib import Path

from aiohttp import web

from bot.sandbox.acting.stage import Stage
from bot.sandbox.control.routes import acting_routes
from bot.sandbox.page.live import Live
from bot.sandbox.page.panel import Panel
from bot.sandbox.page.render import Renderer
from bot.sandbox.page.viewer import viewer
from bot.sandbox.wire.log import WireLog

_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'self'; img-src 'self' data: http: https:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}


def page_routes(stage: Stage, log: WireLog, panels: tuple[Panel, ...]) -> list[web.RouteDef]:
    """The page, its files, its WebSocket, and what it asks for later."""
    renderer = Renderer(stage, log, panels)
    live = Live(stage.workspace.feed, renderer)

    async def show(request: web.Request) -> web.Response:
        return _html(renderer.page(viewer(stage, request.query)))

    async def follow(request: web.Request) -> web.StreamResponse:
        after = request.query.get("after", "")
        seen = int(after) if after.isdecimal() else None
        return await live.follow(request, viewer(stage, request.query), seen)

    async def earlier(request: web.Request) -> web.Response:
        query = request.query
        before, since = query.get("before", ""), query.get("since", "")
        return _html(renderer.earlier(viewer(stage, query), before, since))

    async def call(request: web.Request) -> web.Response:
        found = renderer.call(viewer(stage, request.query), int(request.match_info["number"]))
        return _html(found or "<p>This call is not kept any more.</p>")

    async def static(request: web.Request) -> web.StreamResponse:
        path = _STATIC / request.match_info["name"]
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_HEADERS | {"Cache-Control": "no-cache"})

    return [
        web.get("/", show),
        web.get("/page/live", follow),
        web.get("/page/earlier", earlier),
        web.get(r"/page/call/{number:\d+}", call),
        web.get(r"/page/{name:[\w-]+\.(?:js|css|svg)}", static),
        # What people do, as in the control API; a refusal is answered with HTTP 200 here.
        *(
            web.post(route.path.replace("/control/", "/page/act/"), route.handler)
            for route in acting_routes(stage)
        ),
        *(route for panel in panels for route in panel.routes),
    ]


def _html(body: str) -> web.Response:
    headers = _HEADERS | {"Cache-Control": "no-store"}
    return web.Response(text=body, content_type="text/html", headers=headers)

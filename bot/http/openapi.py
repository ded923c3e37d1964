"""The API's description: `/openapi.json`, and `/docs`, which shows it in a browser.

Rules
- A route brings its own description, so nothing is described that isn't there, and what is added to
  the bot is described like what is built in.
- It is put together when it is asked for: a start doesn't pay for it.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot import __version__
from bot.http.description import BEARER

TITLE = "Policy violation war room"
PLACE = "/openapi.json"
_PAGE = f"""\
<!DOCTYPE html>
<html>
<head>
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link type="text/css" rel="stylesheet" href="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css">
<title>{TITLE} - Swagger UI</title>
</head>
<body>
<div id="swagger-ui"></div>
<script src="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{
    url: "{PLACE}",
    dom_id: "#swagger-ui",
    layout: "BaseLayout",
    deepLinking: true,
    showExtensions: true,
    showCommonExtensions: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
}})
</script>
</body>
</html>
"""

Endpoint = Callable[[Request], Awaitable[Response]]


class Described(Route):
    """A route, and what the description says of it: an OpenAPI operation."""

    def __init__(
        self, method: str, path: str, endpoint: Endpoint, name: str, operation: Mapping[str, Any]
    ) -> None:
        super().__init__(path, endpoint, methods=[method], name=name)
        self.methods = {method}  # not HEAD too: at the gate it would wait, and be noted as waiting
        self.method = method.lower()
        words = re.sub(r"\W", "_", f"{name}{path}")
        self.operation = {"operationId": f"{words}_{self.method}", **operation}


def document(routes: Iterable[Described]) -> dict[str, Any]:
    """These routes as an OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method] = route.operation
    whole = {"openapi": "3.1.0", "info": {"title": TITLE, "version": __version__}, "paths": paths}
    operations = [operation for methods in paths.values() for operation in methods.values()]
    if any("security" in operation for operation in operations):
        scheme = {"type": "http", "scheme": "bearer"}
        whole["components"] = {"securitySchemes": {BEARER: scheme}}
    return whole


def describing(routes: Sequence[Described]) -> list[Route]:
    """The routes that give the description of these."""

    async def described(_: Request) -> Response:
        return JSONResponse(document(routes))

    async def page(_: Request) -> Response:
        return HTMLResponse(_PAGE)

    return [Route(PLACE, described), Route("/docs", page)]

"""How the control API says no: HTTP 409 for what can't be done, 400 for a malformed request.

Rules
- The page gets the same answers with HTTP 200: a person who may not do something is no fault of it.
- A request that another site's page made is refused: it could act as anybody here.
"""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from bot.sandbox.errors import SlackError

_MALFORMED, _CONFLICT = 400, 409
_FOR_BOTS = ("/api/", "/response/", "/link", "/upload/")


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals of all but Slack's own API into answers."""
    if request.path.startswith(_FOR_BOTS):
        return await handler(request)
    if _foreign(request):
        reason = f"another site, {request.headers['Origin']}, may not act here"
        body = {"ok": False, "error": "foreign_origin", "reason": reason}
        return web.json_response(body, status=web.HTTPForbidden.status_code)
    try:
        return await handler(request)
    except SlackError as error:
        return web.json_response(error.answer(), status=_status(request, _CONFLICT))
    except ValidationError as error:
        reason = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        body = {"ok": False, "error": "malformed", "reason": reason}
        return web.json_response(body, status=_status(request, _MALFORMED))


def _status(request: web.Request, status: int) -> int:
    return web.HTTPOk.status_code if request.path.startswith("/page/") else status


def _foreign(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host

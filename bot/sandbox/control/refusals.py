"""How the control API says no: HTTP 409 for what can't be done, 400 for a malformed request."""

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from bot.sandbox.errors import SlackError

_MALFORMED, _CONFLICT = 400, 409


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals of `/control/` into answers."""
    if not request.path.startswith("/control/"):
        return await handler(request)
    try:
        return await handler(request)
    except SlackError as error:
        return web.json_response(error.answer(), status=_CONFLICT)
    except ValidationError as error:
        reason = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        body = {"ok": False, "error": "malformed", "reason": reason}
        return web.json_response(body, status=_MALFORMED)

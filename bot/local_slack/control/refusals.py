"""How the control API says no: HTTP 409 for what can't be done, 400 for a malformed request.

Rules
- The page gets the same answers with HTTP 200: a person who may not do something is no fault of it.
- A request that another site's page made is refused: it could act as anybody here.
- A host that is not this server's is refused: another site's name may have been pointed here, and
  then its page is of the same origin. What is for bots has any host, for a container may call it
  by name; a page that calls there has to be this server's own.
"""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError

from bot.local_slack.slack_errors import RefusedError, SlackError

_MALFORMED, _CONFLICT = 400, 409
_FOR_BOTS = ("/api/", "/response/", "/link", "/upload/", "/files/")
_ANSWERS_ITSELF = ("/api/", "/response/", "/link", "/upload/")
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def refusals(bound: str) -> Middleware:
    """Turn refusals of all but Slack's own API into answers; `bound`: where the server listens."""

    @web.middleware
    async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
        stranger = _stranger(request, bound)
        if stranger is not None:
            return web.json_response(stranger.answer(), status=web.HTTPForbidden.status_code)
        if request.path.startswith(_ANSWERS_ITSELF):
            return await handler(request)
        return await _answered(request, handler)

    return refusing


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
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


def _stranger(request: web.Request, bound: str) -> RefusedError | None:
    """Why the request is none that this server answers; None: it is one."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != host:
        return RefusedError("foreign_origin", f"another site, {origin}, may not act here")
    # A socket is opened with a ticket, and some clients of bots name an origin with it.
    any_host = (request.path.startswith(_FOR_BOTS) and origin is None) or request.path == "/link"
    if any_host or _own(host, bound):
        return None
    return RefusedError("foreign_host", f"{host or 'no host'} is not this server: use localhost")


def _own(host: str, bound: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in _HERE or name == bound.lower():
        return True
    inside = bound.lower() in _HERE or (_is_address(bound) and _loops(bound))
    # An address can't be pointed elsewhere, as a name can.
    return not inside and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _loops(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback

"""HTTP: webhooks, the gate, Slack, health. One shape for every error, and never a 500.

Rules
- A webhook's body is read once, raw, and no further than the limit.
- What we did not expect is logged and answered 503: it may be sent again.
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import structlog
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials as _Credentials
from fastapi.security import HTTPBearer
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import __version__
from bot.engine.engine import Engine
from bot.errors import UsageError
from bot.http import description, gate, health
from bot.http.webhooks import Intake, away, failed
from bot.integrations.registry import SOURCES
from bot.integrations.request_error import (
    DETAIL_MOST,
    RequestError,
    detail,
    invalid,
    malformed,
    unsigned,
)
from bot.integrations.slack.hear.guard import refuse, too_large_unsigned
from bot.integrations.source import Message
from bot.metrics.meters import Meters
from bot.outbox.kinds import Kinds
from bot.signatures import SignatureError, secret_key
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

KIB = 1024
BODY_MOST = 256 * KIB
# GitHub sends a check's whole output along, never sends again, and leaves no choice.
BODY_MOST_OF = {"github": 2048 * KIB}
SLACK_BODY_MOST = 4096 * KIB
_ID = re.compile(r"[0-9a-z]{1,64}", re.ASCII)  # nothing else is an id, or fit to ask a database for
_DIGITS = re.compile(r"[0-9]+", re.ASCII)

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Web:
    """What the web needs; `slack` is None where Slack comes by a socket."""

    engine: Engine
    intake: Intake
    slack: AsyncApp | None
    api_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    meters: Meters = field(default_factory=Meters)
    kinds: Kinds = field(kw_only=True)


def web_app(web: Web) -> ASGIApp:
    """The ASGI application. UsageError where a secret can't be used."""
    _usable(web.intake.secrets)
    app = _framework()
    webhooks = {f"/webhooks/{name}": _webhook(web, name) for name in SOURCES}
    for path, endpoint in webhooks.items():
        name = path.rpartition("/")[2]
        app.add_api_route(
            path,
            endpoint,
            methods=["POST"],
            status_code=202,
            name=name,
            **description.webhook(name),
        )
    app.add_api_route(
        "/gate/{violation_id}",
        _gate(web.engine),
        methods=["GET"],
        dependencies=[Depends(_authorized(web.api_token))],
        **description.GATE,
    )
    health.add_routes(app, web.engine, web.meters, web.kinds)
    if web.slack:
        handler = AsyncSlackRequestHandler(web.slack)
        app.add_api_route(
            "/slack/events",
            _slack(handler, web.signing_secret),
            methods=["POST"],
            include_in_schema=False,
        )
    return _Direct(app, webhooks)


def health_app(engine: Engine, meters: Meters, kinds: Kinds) -> ASGIApp:
    """The ASGI application of a process that hears nothing: its health and its figures."""
    app = _framework()
    health.add_routes(app, engine, meters, kinds)
    return app


def _framework() -> FastAPI:
    app = FastAPI(
        title="Policy violation war room",
        version=__version__,
        redoc_url=None,
        redirect_slashes=False,  # who sends a webhook follows no redirect
    )
    app.add_exception_handler(RequestError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Exception, _unexpected)
    return app


class _Direct:
    """Webhooks past the framework's layers, which cost as much as all else; the rest through it."""

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Endpoint]) -> None:
        self._app = app
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = None
        if scope["type"] == "http" and scope["method"] == "POST":
            endpoint = self._endpoints.get(scope["path"])
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        answer = await endpoint(Request(scope, receive))
        await answer(scope, receive, send)


def _usable(secrets: tuple[str, ...]) -> None:
    for number, secret in enumerate(secrets, start=1):
        try:
            secret_key(secret)
        except SignatureError as error:
            raise UsageError(f"WARROOM_WEBHOOK_SECRET: number {number}: {error}") from error


def _webhook(web: Web, name: str) -> Endpoint:
    source, most = SOURCES[name], BODY_MOST_OF.get(name, BODY_MOST)

    async def receive(request: Request) -> Response:
        try:
            message = Message(request.headers, await _body(request, most))
            return JSONResponse(await web.intake.receive(name, source, message), 202)
        except RequestError as error:
            # Without its message: that may repeat what was in the body.
            log.info("webhook.refused", source=name, status=error.status, code=error.code)
            return _answer(error)
        except Exception:
            log.exception("webhook.failed", source=name)
            return _answer(failed())

    return receive


def _gate(engine: Engine) -> Callable[..., Awaitable[Response]]:
    async def ask(
        violation_id: str,
        wait: float = Query(0, ge=0, le=gate.WAIT_MOST, allow_inf_nan=False),
    ) -> Response:
        known = _ID.fullmatch(violation_id)
        try:
            answer = await gate.ask(engine, violation_id, wait) if known else None
        except DatabaseUnavailableError as error:
            raise away() from error
        if answer is None:
            raise RequestError(404, "not_found", f"there is no violation {violation_id[:100]!r}")
        return JSONResponse(answer)

    return ask


def _authorized(token: str) -> Callable[..., Awaitable[None]]:
    """A dependency, so that it comes before whatever else a request could be told."""
    bearer = HTTPBearer(scheme_name="bearer", auto_error=False)

    async def check(given: Annotated[_Credentials | None, Depends(bearer)]) -> None:
        challenge = {"WWW-Authenticate": "Bearer"}
        if not token:
            message = "no token is configured: set WARROOM_API_TOKEN"
            raise RequestError(401, "unauthorized", message, headers=challenge)
        shown = given.credentials if given else ""
        if not hmac.compare_digest(shown.encode(), token.encode()):
            message = "a header `Authorization: Bearer …` with WARROOM_API_TOKEN is needed"
            raise RequestError(401, "unauthorized", message, headers=challenge)

    return check


def _slack(handler: AsyncSlackRequestHandler, secret: str) -> Endpoint:
    async def hear(request: Request) -> Response:
        try:
            body = await _body(request, SLACK_BODY_MOST)
            if too_large_unsigned(request.headers, body, secret):
                return _answer(unsigned("not signed by Slack"))
            reason = refuse(request.headers, body)
            if reason:
                return _answer(malformed(reason))
            request._body = body  # noqa: SLF001 - Starlette's own cache: the handler reads it there
            return await handler.handle(request)
        except RequestError as error:
            return _answer(error)

    return hear


async def _body(request: Request, most: int) -> bytes:
    too_large = RequestError(413, "too_large", f"a body has at most {most // 1024} KiB")
    declared = request.headers.get("content-length", "").lstrip("0")
    if len(declared) > len(str(most)) or (_DIGITS.fullmatch(declared) and int(declared) > most):
        raise too_large
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise too_large
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise malformed("the connection ended before the body did") from error
    return b"".join(chunks)


def _answer(error: RequestError) -> JSONResponse:
    return JSONResponse(error.body, error.status, headers=error.headers)


async def _refused(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    return _answer(error)


async def _not_valid(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    found = [each | {"loc": each["loc"][1:]} for each in error.errors()]  # it starts with "query"
    return _answer(invalid(*(detail(each) for each in found[:DETAIL_MOST])))


async def _no_such_route(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    refused = RequestError(error.status_code, code, error.detail, headers=dict(error.headers or {}))
    return _answer(refused)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("web.failed", path=request.url.path, error=repr(error))
    return _answer(failed())

"""HTTP: webhooks, the gate, Slack, health. One shape for every error, and never a 500.

Rules
- A webhook's body is read once, raw, and no further than the limit.
- What we did not expect is logged and answered 503: it may be sent again.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot import __version__, openapi
from bot.engine.engine import Engine
from bot.gate import gate
from bot.intake.problem import Detail, RequestError, invalid, malformed
from bot.intake.receive import Intake, away
from bot.intake.source import Message
from bot.intake.sources import SOURCES
from bot.slack.guard import refuse
from bot.storage import migrations
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

BODY_MOST = 256 * 1024
SLACK_BODY_MOST = 4 * 1024 * 1024
LATE = timedelta(seconds=60)

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Web:
    """What the web needs; `slack` is None where Slack comes by a socket."""

    engine: Engine
    intake: Intake
    slack: AsyncApp | None
    api_token: str


def web_app(web: Web) -> FastAPI:
    """The ASGI application."""
    app = FastAPI(title="Policy violation war room", version=__version__, redoc_url=None)
    app.add_exception_handler(RequestError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Exception, _unexpected)
    for name in SOURCES:
        app.add_api_route(
            f"/webhooks/{name}",
            _webhook(web, name),
            methods=["POST"],
            status_code=202,
            name=name,
            **openapi.webhook(name),
        )
    app.add_api_route("/gate/{violation_id}", _gate(web), methods=["GET"], **openapi.GATE)
    app.add_api_route("/healthz", _alive, methods=["GET"], **openapi.HEALTH)
    app.add_api_route("/readyz", _ready(web), methods=["GET"], **openapi.READY)
    if web.slack:
        handler = AsyncSlackRequestHandler(web.slack)
        app.add_api_route(
            "/slack/events", _slack(handler), methods=["POST"], include_in_schema=False
        )
    return app


def _webhook(web: Web, name: str) -> Endpoint:
    source = SOURCES[name]

    async def receive(request: Request) -> Response:
        try:
            message = Message(request.headers, await _body(request, BODY_MOST))
            return JSONResponse(await web.intake.receive(name, source, message), 202)
        except RequestError as error:
            return _answer(error)
        except Exception:
            log.exception("webhook.failed", source=name)
            return _answer(away())

    return receive


def _gate(web: Web) -> Callable[..., Awaitable[Response]]:
    async def ask(
        request: Request,
        violation_id: str,
        wait: float = Query(0, ge=0, le=gate.WAIT_MOST, allow_inf_nan=False),
    ) -> Response:
        _authorized(request, web.api_token)
        try:
            answer = await gate.ask(web.engine, violation_id, wait)
        except DatabaseUnavailableError as error:
            raise away() from error
        if answer is None:
            raise RequestError(404, "not_found", f"there is no violation {violation_id[:100]!r}")
        return JSONResponse(answer)

    return ask


def _authorized(request: Request, token: str) -> None:
    challenge = {"WWW-Authenticate": "Bearer"}
    if not token:
        message = "no token is configured: set WARROOM_API_TOKEN"
        raise RequestError(401, "unauthorized", message, headers=challenge)
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        message = "a header `Authorization: Bearer …` with WARROOM_API_TOKEN is needed"
        raise RequestError(401, "unauthorized", message, headers=challenge)


def _slack(handler: AsyncSlackRequestHandler) -> Endpoint:
    async def hear(request: Request) -> Response:
        try:
            body = await _body(request, SLACK_BODY_MOST)
            reason = refuse(request.headers, body)
            if reason:
                return _answer(malformed(reason))
            request._body = body  # noqa: SLF001 - Starlette's own cache: the handler reads it there
            return await handler.handle(request)
        except RequestError as error:
            return _answer(error)

    return hear


async def _alive() -> dict[str, str]:
    return {"status": "ok"}


def _ready(web: Web) -> Callable[[], Awaitable[Response]]:
    async def ready() -> Response:
        try:
            problem = await asyncio.to_thread(_unready, web.engine)
        except (DatabaseUnavailableError, SQLAlchemyError):
            problem = "database: not available"
        if problem:
            log.warning("web.not_ready", problem=problem)
            return JSONResponse({"status": "unready", "problem": problem}, 503)
        return JSONResponse({"status": "ok"})

    return ready


def _unready(engine: Engine) -> str | None:
    if not migrations.is_current(engine.store.database):
        return "migrations: run `warroom db upgrade`"
    now = engine.now()
    oldest = engine.store.backlog(now).oldest
    if oldest and now - oldest > LATE:
        return f"outbox: an effect has been due for {(now - oldest).total_seconds():.0f} s"
    return None


async def _body(request: Request, most: int) -> bytes:
    too_large = RequestError(413, "too_large", f"a body has at most {most // 1024} KiB")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


def _answer(error: RequestError) -> JSONResponse:
    return JSONResponse(error.body, error.status, headers=error.headers)


async def _refused(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    return _answer(error)


async def _not_valid(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    found = [Detail(str(each["loc"][-1]), each["msg"]) for each in error.errors()]
    return _answer(invalid(*found))


async def _no_such_route(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    refused = RequestError(error.status_code, code, error.detail, headers=dict(error.headers or {}))
    return _answer(refused)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("web.failed", path=request.url.path, error=repr(error))
    return _answer(away())

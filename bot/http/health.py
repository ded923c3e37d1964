"""Health over HTTP: that the process lives, that it can work, and its figures.

Rules
- Not ready is a process whose database, tables or work are not as they must be: what is due and
  nobody did for a minute. What waits for Slack, for a budget or for a person is not due.
- Nothing here needs a token, and nothing here names a room or a person.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from bot.engine.engine import Engine
from bot.http import description
from bot.integrations.request_error import RequestError
from bot.metrics.meters import Meters
from bot.outbox.kinds import Kinds
from bot.outbox.lateness import Health, health
from bot.storage import migrations
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

LATE = timedelta(seconds=60)


def router(engine: Engine, meters: Meters, kinds: Kinds) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`."""
    routes = APIRouter()

    @routes.get("/healthz", name="_alive", **description.HEALTH)
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz", **description.READY)
    async def ready() -> Response:
        try:
            problem = await asyncio.to_thread(_unready, engine, kinds)
        except (DatabaseUnavailableError, SQLAlchemyError):
            problem = "database: not available"
        if problem:
            log.warning("web.not_ready", problem=problem)
            raise RequestError(503, "not_ready", problem)
        return JSONResponse({"status": "ok"})

    @routes.get("/metrics", response_class=PlainTextResponse, name="show", **description.METRICS)
    async def metrics() -> Response:
        content = await asyncio.to_thread(meters.exposed)
        return Response(content, media_type=CONTENT_TYPE_LATEST)

    return routes


def too_late(found: Health, now: datetime) -> Iterator[str]:
    """What has been due for more than `LATE`, each with by how much."""
    for urgency, waiting in found.outbox.items():
        late = waiting.due.late(now)
        if late > LATE:
            what = f"outbox: an effect of urgency {urgency.name.lower()} has been due"
            yield f"{what} for {late.total_seconds():.0f} s"
    late = found.timers.late(now)
    if late > LATE:
        yield f"clock: a timer has been due for {late.total_seconds():.0f} s"


def _unready(engine: Engine, kinds: Kinds) -> str:
    if not migrations.is_current(engine.store.database):
        return "migrations: run `warroom db upgrade`"
    now = engine.now()
    found = engine.store.ask(lambda connection: health(connection, now, kinds))
    return "; ".join(too_late(found, now))

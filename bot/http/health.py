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
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.engine.engine import Engine
from bot.http import description
from bot.http.openapi import Described
from bot.integrations.request_error import RequestError
from bot.metrics.meters import Meters
from bot.outbox.kinds import Kinds
from bot.outbox.lateness import Health, health
from bot.storage import migrations
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

LATE = timedelta(seconds=60)


def routes(
    engine: Engine, meters: Meters, kinds: Kinds, *, shared: bool = False
) -> list[Described]:
    """`/healthz`, `/readyz` and `/metrics`; with `shared` other processes hear at the same port.

    Any of them answers there: what each counts for itself would go up and down.
    """

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        try:
            problem = await asyncio.to_thread(_unready, engine, kinds)
        except (DatabaseUnavailableError, SQLAlchemyError):
            problem = "database: not available"
        if problem:
            log.warning("web.not_ready", problem=problem)
            raise RequestError(503, "not_ready", problem)
        return JSONResponse({"status": "ok"})

    async def metrics(_: Request) -> Response:
        exposed = meters.exposed_of_all if shared else meters.exposed
        content = await asyncio.to_thread(exposed)
        return Response(content, media_type=CONTENT_TYPE_LATEST)

    return [
        Described("GET", "/healthz", alive, "_alive", description.HEALTH),
        Described("GET", "/readyz", ready, "ready", description.READY),
        Described("GET", "/metrics", metrics, "show", description.METRICS),
    ]


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

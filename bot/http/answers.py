"""`POST /answers`: what violations would be answered if they were reported now.

Rules
- It is asked, and nothing is reported: no room opens, no exception is used, and it is no verdict.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.domain.violation import Report
from bot.engine.engine import Engine
from bot.engine.foretelling import foretold
from bot.http import description
from bot.http.bearer import authorized
from bot.http.error_answers import away
from bot.http.openapi import Described
from bot.http.server import raw_body
from bot.integrations import body
from bot.integrations.request_error import Detail, as_found, invalid
from bot.integrations.source import KIB
from bot.integrations.standard.gate import SOURCE, require_own
from bot.signatures import Bearer, Secret
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

MOST = 1000
BODY_LIMIT = 4096 * KIB
KEY = "violations"


def route(engine: Engine, tokens: Sequence[Secret]) -> Described:
    """The route, for whoever shows one of `tokens`."""

    async def answers(request: Request) -> Response:
        shown = authorized(request, tokens)
        content = await raw_body(request, BODY_LIMIT)
        try:
            told = await asyncio.to_thread(_answers, engine, content, shown)
        except DatabaseUnavailableError as error:
            raise away() from error
        log.info("answers.asked", source=_source(shown), violations=len(told))
        return JSONResponse({"answers": told})

    return Described("POST", "/answers", answers, "answers", description.FORETOLD)


def _answers(engine: Engine, content: bytes, shown: Bearer) -> list[dict[str, Any]]:
    asked = reports(content, engine.now())
    for each in asked:
        require_own(shown, each)
    return foretold(engine, asked, _source(shown))


def _source(shown: Bearer) -> str:
    """What policies would know as `source`."""
    return shown.name or SOURCE.name


def reports(content: bytes, now: datetime) -> list[Report]:
    """The violations in a body. RequestError with the path of what is wrong in one of them."""
    data = body.parse(content)
    asked = data.get(KEY) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(asked, list):
        found = as_found(asked if isinstance(data, dict) else data)
        raise invalid(Detail(KEY, f"{found}, need a list of violations"))
    if more := sorted(data.keys() - {KEY}):
        raise invalid(Detail(more[0], f"unknown field, need {KEY!r} alone"))
    if len(asked) > MOST:
        raise invalid(Detail(KEY, f"found {len(asked)}, need at most {MOST}"))
    return [body.report(each, now, f"{KEY}.{number}.") for number, each in enumerate(asked)]

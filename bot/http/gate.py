"""`GET /gate/{violation_id}`: a long poll for the verdict, on a violation or a room's only one.

Rules
- It answers as soon as there is a decision, or when the caller's wait is over.
- A notice within this process is only a hint; it looks each second anyway, since another process
  may have decided.
- It listens before it looks: a decision that falls between the two is heard.
- A room's id stands for its violation, where it holds one; the answer is for that one, whatever
  joins meanwhile. Where it holds several, each has to be asked for: none answers for another.
- As long as nothing is decided it looks at no more than that: a thousand may wait for one room.
"""

import asyncio
import re
import time
from typing import Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from bot.engine.engine import Engine
from bot.engine.verdict_json import verdict
from bot.http import description
from bot.http.bearer import authorized
from bot.http.error_answers import away
from bot.integrations.request_error import RequestError
from bot.storage.store import DatabaseUnavailableError, Store

WAIT_MOST = 60
LOOK_EVERY_SECONDS = 1.0
NAMED_MOST = 20  # of a room's violations
_ID = re.compile(r"[0-9a-z]{1,64}", re.ASCII)  # nothing else is an id, or fit to ask a database for


def router(engine: Engine, token: str) -> APIRouter:
    """The gate's route, for whoever shows `token`."""
    routes = APIRouter(dependencies=[Depends(authorized(token))])

    @routes.get("/gate/{violation_id}", name="ask", **description.GATE)
    async def answer(
        violation_id: str,
        wait: float = Query(0, ge=0, le=WAIT_MOST, allow_inf_nan=False),
    ) -> Response:
        known = _ID.fullmatch(violation_id)
        try:
            found = await ask(engine, violation_id, wait) if known else None
            if known and found is None:
                only = await asyncio.to_thread(only_violation, engine.store, violation_id)
                found = await ask(engine, only, wait) if only else None
        except DatabaseUnavailableError as error:
            raise away() from error
        if found is None:
            message = f"there is no violation, and no war room, {violation_id[:100]!r}"
            raise RequestError(404, "not_found", message)
        return JSONResponse(found)

    return routes


def only_violation(store: Store, room_id: str) -> str | None:
    """The violation that a room holds; None where there is no such room.

    RequestError where it holds several. DatabaseUnavailableError.
    """
    room = store.room(room_id)
    if room is None:
        return None
    if room.count == 1:
        return room.violation.id
    newest = [violation.id for violation in store.violations_in(room_id, NAMED_MOST)]
    more = ["…"] if room.count > len(newest) else []
    ids = ", ".join([*newest, *more])
    message = f"war room {room_id} holds {room.count} violations, ask for one of them: {ids}"
    raise RequestError(409, "several_violations", message)


async def ask(engine: Engine, violation_id: str, wait: float) -> dict[str, Any] | None:
    """The verdict on a violation; None for one that is not known. DatabaseUnavailableError."""
    end = time.monotonic() + wait
    found = await _look(engine, violation_id)
    while found and not found[1] and not engine.wakeups.closed:
        if (left := end - time.monotonic()) <= 0:
            break
        found = await _changed(engine, violation_id, found[0], min(left, LOOK_EVERY_SECONDS))
    if found is None:
        return None
    room = await asyncio.to_thread(engine.store.room_of_violation, violation_id)
    return verdict(violation_id, room, engine.now())


async def _changed(
    engine: Engine, violation_id: str, room_id: str | None, seconds: float
) -> tuple[str | None, bool] | None:
    """How it stands once the room is decided or has changed, or after `seconds`."""
    notice = asyncio.ensure_future(engine.wakeups.room_changed(room_id or "", seconds))
    try:
        found = await _look(engine, violation_id)
        if found is None or found[1]:
            return found
        await notice
    finally:
        notice.cancel()
    return await _look(engine, violation_id)


async def _look(engine: Engine, violation_id: str) -> tuple[str | None, bool] | None:
    """The room, where this version knows one, and whether it is decided."""
    return await asyncio.to_thread(engine.store.settled, violation_id)

"""`GET /gate/{violation_id}`: a long poll for the verdict, on a violation or a room's only one.

Rules
- It answers as soon as there is a decision, or when the caller's wait is over.
- A notice within this process is only a hint; it looks each second anyway, since another process
  may have decided.
- It listens before it looks: a decision that falls between the two is heard.
- A room's id stands for its violation, where it holds one; the answer is for that one, whatever
  joins meanwhile. Where it holds several, each has to be asked for: none answers for another.
- A token that is bound to repositories is told nothing of another's.
- While nothing is decided it notes now and then that somebody waits.
- As long as nothing is decided it looks at no more than that: a thousand may wait for one room.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.domain.answers import verdict as domain_verdict
from bot.domain.war_room import Verdict
from bot.engine.engine import Engine
from bot.engine.verdict_json import verdict
from bot.engine.waiting import Waiting
from bot.http import description
from bot.http.bearer import authorized
from bot.http.error_answers import away
from bot.http.openapi import Described
from bot.integrations.request_error import RequestError, details, invalid
from bot.integrations.standard.gate import require_own
from bot.signatures import Bearer, Secret
from bot.storage.store import DatabaseUnavailableError, Store

LOOK_EVERY_SECONDS = 1.0
NAMED_MOST = 20  # of a room's violations
_WAIT = TypeAdapter(Annotated[float, Field(ge=0, le=description.WAIT_MOST, allow_inf_nan=False)])
_ID = re.compile(r"[0-9a-z]{1,64}", re.ASCII)  # nothing else is an id, or fit to ask a database for


def route(engine: Engine, tokens: Sequence[Secret]) -> Described:
    """The gate's route, for whoever shows one of `tokens`."""
    waiting = Waiting(engine)

    async def answer(request: Request) -> Response:
        shown = authorized(request, tokens)
        violation_id, wait = request.path_params["violation_id"], seconds(request)
        known = _ID.fullmatch(violation_id)
        try:
            if known and shown.repositories is not None:
                await asyncio.to_thread(_require_own, engine.store, shown, violation_id)
            found = await ask(engine, violation_id, wait, waiting) if known else None
            if known and found is None:
                only = await asyncio.to_thread(_only_violation, engine.store, shown, violation_id)
                found = await ask(engine, only, wait, waiting) if only else None
        except DatabaseUnavailableError as error:
            raise away() from error
        if found is None:
            message = f"there is no violation, and no war room, {violation_id[:100]!r}"
            raise RequestError(404, "not_found", message)
        return JSONResponse(found)

    return Described("GET", "/gate/{violation_id}", answer, "ask", description.GATE)


def seconds(request: Request) -> float:
    """How long the caller waits. RequestError for what is no number, or out of bounds."""
    try:
        return _WAIT.validate_python(request.query_params.get("wait", "0"))
    except ValidationError as error:
        raise invalid(*details(error, "wait")) from error


def _require_own(store: Store, shown: Bearer, named: str) -> None:
    """RequestError where a violation, or one in a room, is of another repository.

    DatabaseUnavailableError.
    """
    violation = store.violation(named)
    if violation is None and (room := store.room(named)):
        violation = room.violation
    if violation:
        require_own(shown, violation.report)


def _only_violation(store: Store, shown: Bearer, room_id: str) -> str | None:
    """The violation that a room holds; None where there is no such room.

    RequestError where it holds several, with those that may be asked for. DatabaseUnavailableError.
    """
    room = store.room(room_id)
    if room is None:
        return None
    if room.count == 1:
        return room.violation.id
    newest = [
        violation.id
        for violation in store.violations_in(room_id, NAMED_MOST)
        if shown.speaks_for(violation.report.origin.repository)
    ]
    ids = ", ".join([*newest, *(["…"] if room.count > len(newest) else [])])
    message = f"war room {room_id} holds {room.count} violations, ask for one of them: {ids}"
    raise RequestError(409, "several_violations", message)


async def ask(
    engine: Engine, violation_id: str, wait: float, waiting: Waiting
) -> dict[str, Any] | None:
    """The verdict on a violation; None for one that is not known. DatabaseUnavailableError."""
    end = time.monotonic() + wait
    standing = await _look(engine, violation_id)
    while standing and not await _is_settled(engine, violation_id, standing):
        waiting.note(violation_id)
        if (left := end - time.monotonic()) <= 0 or engine.wakeups.closed:
            break
        standing = await _changed(engine, violation_id, standing, min(left, LOOK_EVERY_SECONDS))
    if standing is None:
        return None
    answers = await asyncio.to_thread(engine.store.answers, violation_id)
    return verdict(violation_id, answers or (), engine.now(), engine.workspace)


async def _is_settled(engine: Engine, violation_id: str, standing: dict[str, bool]) -> bool:
    """Whether nothing more is waited for; of several rooms one may have blocked it by itself."""
    if all(standing.values()):
        return True
    if not any(standing.values()):
        return False
    answers = await asyncio.to_thread(engine.store.answers, violation_id)
    return domain_verdict(answers or (), engine.now()) is not Verdict.PENDING


async def _changed(
    engine: Engine, violation_id: str, standing: dict[str, bool], seconds: float
) -> dict[str, bool] | None:
    """How it stands once a room of it is decided or has changed, or after `seconds`."""
    waiting = (room for room, decided in standing.items() if not decided)
    notices = [
        asyncio.ensure_future(engine.wakeups.room_changed(room, seconds)) for room in waiting
    ]
    try:
        now = await _look(engine, violation_id)
        if now != standing:
            return now
        await asyncio.wait(notices, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for notice in notices:
            notice.cancel()
    return await _look(engine, violation_id)


async def _look(engine: Engine, violation_id: str) -> dict[str, bool] | None:
    """The rooms that this version knows of a violation, and whether each is decided."""
    return await asyncio.to_thread(engine.store.deciding, violation_id)

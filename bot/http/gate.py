"""The gate: a long poll for the verdict.

Rules
- It answers as soon as there is a decision, or when the caller's wait is over.
- A notice within this process is only a hint; it looks each second anyway, since another process
  may have decided.
- It listens before it looks: a decision that falls between the two is heard.
- As long as nothing is decided it looks at no more than that: a thousand may wait for one room.
"""

import asyncio
import time
from typing import Any

from bot.engine.engine import Engine
from bot.engine.verdict_json import verdict

WAIT_MOST = 60
LOOK_EVERY_SECONDS = 1.0


async def ask(engine: Engine, violation_id: str, wait: float) -> dict[str, Any] | None:
    """The verdict on a violation; None for one that is not known. DatabaseUnavailableError."""
    end = time.monotonic() + wait
    found = await _look(engine, violation_id)
    while found and not found[1] and not engine.wakeups.closed:
        if (left := end - time.monotonic()) <= 0:
            break
        found = await _changed(engine, violation_id, found[0], min(left, LOOK_EVERY_SECONDS))
    room = await asyncio.to_thread(engine.store.room_of_violation, violation_id) if found else None
    return verdict(violation_id, room, engine.now()) if room else None


async def _changed(
    engine: Engine, violation_id: str, room_id: str, seconds: float
) -> tuple[str, bool] | None:
    """How it stands once the room is decided or has changed, or after `seconds`."""
    notice = asyncio.ensure_future(engine.wakeups.room_changed(room_id, seconds))
    try:
        found = await _look(engine, violation_id)
        if found is None or found[1]:
            return found
        await notice
    finally:
        notice.cancel()
    return await _look(engine, violation_id)


async def _look(engine: Engine, violation_id: str) -> tuple[str, bool] | None:
    """The room, and whether it is decided."""
    return await asyncio.to_thread(engine.store.settled, violation_id)

"""The gate: a long poll for the verdict.

Rules
- It answers as soon as there is a decision, or when the caller's wait is over.
- A notice within this process is only a hint; it looks each second anyway, since another process
  may have decided.
"""

import asyncio
import time
from typing import Any

from bot.engine.engine import Engine
from bot.engine.shape import verdict

WAIT_MOST = 60
LOOK_EVERY_SECONDS = 1.0


async def ask(engine: Engine, violation_id: str, wait: float) -> dict[str, Any] | None:
    """The verdict on a violation; None for one that is not known. DatabaseUnavailableError."""
    end = time.monotonic() + wait
    while True:
        room = await asyncio.to_thread(engine.store.room_of_violation, violation_id)
        if room is None:
            return None
        left = end - time.monotonic()
        if room.decision or left <= 0:
            return verdict(violation_id, room)
        await engine.notices.room_changed(room.id, min(left, LOOK_EVERY_SECONDS))

"""The clock: APScheduler wakes it, and its own sweep looks at the rows that are due.

Rules
- A timer is a row. The scheduler's only job is to set the wake-up event at the next one due;
  what it forgets, the sweep finds: it looks each second anyway.
- One stream's failure never stops another's. What could not be fired is looked at a second later.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.domain.lifecycle import WAR_ROOM
from bot.engine.aggregates import TIMERS
from bot.engine.engine import Engine
from bot.storage.store import DatabaseUnavailableError
from bot.storage.transaction import Stream

log = structlog.get_logger()

LOOK_EVERY = timedelta(seconds=1)


class Clock:
    """Fires timers until it is cancelled."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked_at = engine.now()
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    async def run(self) -> None:
        """Sweep whenever a timer is due or was written, and each second at least."""
        self._scheduler.start()
        try:
            while True:
                try:
                    await self.sweep()
                    await self._set_alarm()
                except DatabaseUnavailableError as error:
                    log.warning("clock.database_away", error=str(error))
                    await asyncio.sleep(LOOK_EVERY.total_seconds())
                    continue  # no alarm is set: whoever waited for it would wait for ever
                await self._engine.wakeups.clock.wait()
                self._engine.wakeups.clock.clear()
        finally:
            self._scheduler.shutdown(wait=False)

    async def sweep(self) -> int:
        """Fire everything that is due, and say how much it was."""
        fired = 0
        while True:
            self._looked_at = self._engine.now()
            due = await asyncio.to_thread(self._engine.store.timers_due, self._looked_at, TIMERS)
            # What another stream has to tell in its room is told before that is closed.
            due.sort(key=lambda stream: stream.kind == WAR_ROOM.kind)
            results = await asyncio.gather(*map(self._tick, due))
            fired += sum(results)
            if not any(results):
                return fired

    async def _tick(self, stream: Stream) -> bool:
        # A room's id stands under `room` in every log there is.
        is_room = stream.kind == WAR_ROOM.kind
        about = {"room": stream.id} if is_room else {"stream": stream.kind, "id": stream.id}
        try:
            fired = await self._engine.tick(stream)
        except DatabaseUnavailableError:
            raise
        except Exception:
            log.exception("clock.timer_failed", **about)
            return False
        if fired:
            log.info("clock.timer_fired", **about)
        return fired

    async def _set_alarm(self) -> None:
        async def wake() -> None:  # a coroutine runs in the loop, a function in a thread
            self._engine.wakeups.clock.set()

        due = await asyncio.to_thread(self._engine.store.next_timer, self._looked_at, TIMERS)
        soon = self._engine.now() + LOOK_EVERY
        ahead = max(min(due or soon, soon) - self._engine.now(), timedelta(milliseconds=1))
        self._scheduler.add_job(
            wake,
            "date",
            run_date=datetime.now(UTC) + ahead,
            id="alarm",
            replace_existing=True,
            misfire_grace_time=None,
        )

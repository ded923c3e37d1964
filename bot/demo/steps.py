"""What the bot's clock does next, and the skip to it.

Rules
- The next step is the bot's own next timer; nothing is counted here a second time.
- What is decided waits for nothing, unless as an exception that ends: until then the archiving of
  its channel is a step too.
- A skip ends just past the timer, and is over once the bot has taken the step.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.movable_clock import DemoClock
from bot.domain.channel_names import channel_name
from bot.domain.exception_life import END, WARN
from bot.domain.ladder import CLOSE, EXPIRE
from bot.domain.policy import Rung
from bot.engine.aggregates import TIMERS
from bot.engine.engine import Engine
from bot.storage.transaction import Stream

TAKEN_SECONDS = 5.0
LOOK_SECONDS = 0.1

NAMES = {
    Rung.REMIND: "the reminder",
    Rung.PAGE_BACKUP: "the page to the backup",
    Rung.LAST_CALL: "the last call",
    EXPIRE: "the expiry",
    CLOSE: "the archiving of the channel",
    WARN: "the warning that the exception ends",
    END: "the end of the exception",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the clock does in one room, or in the exception that it made."""

    stream: Stream
    name: str
    room: str
    due_at: datetime


class ClockSteps:
    """The next step, as it was when it was looked at last; `changed` is called for another one."""

    def __init__(self, engine: Engine, clock: DemoClock, changed: Callable[[], None]) -> None:
        self._engine, self._clock, self._changed = engine, clock, changed
        self.next: Step | None = None

    async def look(self) -> None:
        """Look which step is the next. DatabaseUnavailableError."""
        store, found = self._engine.store, None
        due = await asyncio.to_thread(store.next_due, self._clock())
        room = await asyncio.to_thread(store.room, due.stream.id) if due else None
        if due and room:
            found = Step(due.stream, NAMES.get(due.name, due.name), channel_name(room), due.due_at)
        if found != self.next:
            self.next = found
            self._changed()

    async def skip(self) -> Step | None:
        """Move the clock past the next step; None where there is none."""
        await self.look()
        step = self.next
        if step is None:
            return None
        self._clock.move(max(step.due_at - self._clock(), timedelta(0)))
        due = self._engine.store.timers_due
        # A room changes for other reasons too, such as a page that was delivered.
        with suppress(TimeoutError):
            async with asyncio.timeout(TAKEN_SECONDS):
                while step.stream in await asyncio.to_thread(due, self._clock(), TIMERS):
                    await self._engine.wakeups.room_changed(step.stream.id, LOOK_SECONDS)
        return step

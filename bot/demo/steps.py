"""What the bot's clock does next, and the skip to it.

Rules
- The next step is the bot's own next timer; nothing is counted here a second time.
- A skip ends just past the timer, and is over once the bot has taken the step.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.demo.clock import DemoClock
from bot.domain.policy import Rung
from bot.domain.war_room import channel_name
from bot.engine.engine import Engine
from bot.sandbox.state.feed import Feed, FeedEvent
from bot.storage import tables as t
from bot.storage.store import DatabaseUnavailableError, Store

TAKEN_SECONDS = 2.0
LOOK_EVERY_SECONDS = 1.0

NAMES = {
    Rung.REMIND: "the reminder",
    Rung.PAGE_BACKUP: "the page to the backup",
    Rung.LAST_CALL: "the last call",
    "expire": "the expiry",
    "close": "the archiving",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the clock does in one room."""

    room_id: str
    policy: str
    kind: str
    due_at: datetime

    @property
    def name(self) -> str:
        """What it is, in words."""
        return NAMES.get(self.kind, self.kind)

    @property
    def room(self) -> str:
        """The room's channel."""
        return channel_name(self.policy, self.room_id)


class Steps:
    """The next step, as it was when it was looked at last; `changed` is called for another one."""

    def __init__(self, engine: Engine, clock: DemoClock, changed: Callable[[], None]) -> None:
        self._engine, self._clock, self._changed = engine, clock, changed
        self.next: Step | None = None

    async def follow(self, feed: Feed) -> None:
        """Look whenever something happens in Slack, and each second anyway."""
        woken = asyncio.Event()
        feed.listen(lambda event: _wake(woken, event))
        while True:
            await self.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await woken.wait()
            woken.clear()

    async def look(self) -> None:
        """Look which step is the next."""
        with suppress(DatabaseUnavailableError):  # it is looked at again soon
            found = await asyncio.to_thread(_next, self._engine.store, self._clock())
            if found != self.next:
                self.next = found
                self._changed()

    async def skip(self) -> Step | None:
        """Move the clock past the next step; None where there is none."""
        await self.look()
        step = self.next
        if step is None:
            return None
        changed = self._engine.notices.room_changed(step.room_id, TAKEN_SECONDS)
        taken = asyncio.create_task(changed)
        await asyncio.sleep(0)  # it listens before the clock moves
        self._clock.move(max(step.due_at - self._clock(), timedelta(0)))
        await taken
        return step


def _wake(woken: asyncio.Event, event: FeedEvent) -> None:
    if event.type != "panel.changed":  # our own doing
        woken.set()


def _next(store: Store, now: datetime) -> Step | None:
    question = (
        select(t.timers.c.room_id, t.rooms.c.policy_id, t.timers.c.kind, t.timers.c.due_at)
        .join(t.rooms, t.rooms.c.id == t.timers.c.room_id)
        .where(t.timers.c.due_at > now)
        .order_by(t.timers.c.due_at)
        .limit(1)
    )
    row = store.ask(lambda connection: connection.execute(question).first())
    return Step(row.room_id, row.policy_id, row.kind, row.due_at) if row else None

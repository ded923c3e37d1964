"""Who waits for what: wake-ups after a commit, in this process or in another one.

Rules
- A notice is a hint to look, never the truth: whoever waits also looks by itself now and then,
  because another process may have written.
"""

import asyncio
from collections import defaultdict
from contextlib import suppress

from bot.storage.transaction import Written


class Wakeups:
    """Wakes the clock, the outbox and those who wait for a room."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.clock = asyncio.Event()
        self.outbox = asyncio.Event()
        self.closed = False
        self._rooms: dict[str, set[asyncio.Event]] = defaultdict(set)

    def committed(self, written: Written) -> None:
        """Called by a writing thread."""
        if not self._loop.is_closed():
            timers = written.next_due is not None
            self._loop.call_soon_threadsafe(self.wake, written.effects, timers, written.streams)

    def close(self) -> None:
        """Send everybody away who waits for a room: the process stops."""
        self.closed = True
        for events in self._rooms.values():
            for event in events:
                event.set()

    async def room_changed(self, room_id: str, seconds: float) -> None:
        """Return when the room has changed, or after `seconds`."""
        event = asyncio.Event()
        self._rooms[room_id].add(event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await event.wait()
        finally:
            self._rooms[room_id].discard(event)
            if not self._rooms[room_id]:
                del self._rooms[room_id]

    def wake(self, effects: bool, timers: bool, streams: set[str]) -> None:
        """Wake the outbox for effects, the clock for timers, and who waits for one of the rooms."""
        if effects:
            self.outbox.set()
        if timers:
            self.clock.set()
        for room_id in streams & self._rooms.keys():
            for event in self._rooms[room_id]:
                event.set()

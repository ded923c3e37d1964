"""The live feed: everything that changes, in order, with the last few thousand kept.

Rules
- Ids rise by one; a reader that comes back with its last id misses nothing that is still kept.
- A slow reader never holds up what is read.
"""

import asyncio
import contextlib
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One change: its type, such as `message.posted`, and what changed."""

    id: int
    type: str
    at: float
    fields: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The event as a reader of the feed gets it."""
        return {"id": self.id, "type": self.type, "at": self.at, **self.fields}


class Feed:
    """A bounded ring of events, the readers that wait for more, and listeners called in line."""

    def __init__(self) -> None:
        self._ring: deque[FeedEvent] = deque(maxlen=KEPT)
        self._ids = itertools.count(1)
        self._readers: set[asyncio.Queue[FeedEvent | None]] = set()
        self._listeners: list[Callable[[FeedEvent], None]] = []
        self._closed = False

    @property
    def last_id(self) -> int:
        """The id of the newest event; 0 when there was none."""
        return self._ring[-1].id if self._ring else 0

    def listen(self, listener: Callable[[FeedEvent], None]) -> None:
        """Call `listener` with each event from now on, before the change's caller goes on."""
        self._listeners.append(listener)

    def publish(self, kind: str, /, **fields: Any) -> None:  # noqa: ANN401 - what changed, as JSON
        """Add an event and hand it to everybody."""
        event = FeedEvent(next(self._ids), kind, time.time(), fields)
        self._ring.append(event)
        for reader in self._readers:
            reader.put_nowait(event)
        for listener in self._listeners:
            listener(event)

    def missed(self, after: int) -> bool:
        """Whether events newer than this id are not kept any more."""
        return bool(self._ring) and self._ring[0].id > after + 1

    @contextlib.contextmanager
    def reading(self, after: int | None = None) -> Iterator[AsyncIterator[FeedEvent]]:
        """Events newer than `after` (none given: from now on), until the feed closes."""
        reader: asyncio.Queue[FeedEvent | None] = asyncio.Queue()
        for kept in self._ring if after is not None else ():
            if kept.id > (after or 0):
                reader.put_nowait(kept)
        self._readers.add(reader)
        if self._closed:
            reader.put_nowait(None)
        try:
            yield _events(reader)
        finally:
            self._readers.discard(reader)

    def close(self) -> None:
        """End every reader."""
        self._closed = True
        for reader in self._readers:
            reader.put_nowait(None)


async def _events(reader: asyncio.Queue[FeedEvent | None]) -> AsyncIterator[FeedEvent]:
    while (event := await reader.get()) is not None:
        yield event

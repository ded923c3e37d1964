"""Limits of calls, counted under whatever keys a service names.

Rules
- A call may count under several keys; where one of them is exhausted, it counts under none.
- A wait is said in whole seconds, at least one.
- Where the clock was set back, the counts begin anew: what they say lies in the future.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Protocol


class OverLimitError(Exception):
    """A call too many: it fits again after `retry_after` whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"one call too many; the next fits in {retry_after} s")
        self.retry_after = retry_after


class Limit(Protocol):
    """How many calls fit under one key."""

    def counter(self) -> "Counter":
        """A count that has nothing in it yet."""


class Counter(Protocol):
    """The calls under one key. Times are seconds of a clock that runs ahead."""

    def wait(self, now: float) -> float:
        """Seconds until another call fits; 0 where one fits now."""

    def add(self, now: float) -> None:
        """Count a call."""


@dataclass(frozen=True, slots=True)
class Window:
    """A limit of so many `calls` in any stretch of so many `seconds`."""

    calls: int
    seconds: float

    def counter(self) -> "_InWindow":
        """A count that has nothing in it yet."""
        return _InWindow(self)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit of one call each so many `seconds`, and of `burst` calls at once after a rest."""

    burst: int
    seconds: float

    def counter(self) -> "_InBucket":
        """A count that has nothing in it yet."""
        return _InBucket(self, level=self.burst)


@dataclass(slots=True)
class _InWindow:
    limit: Window
    calls: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        while self.calls and now - self.calls[0] >= self.limit.seconds:
            self.calls.popleft()
        full = len(self.calls) >= self.limit.calls
        return self.limit.seconds - (now - self.calls[0]) if full else 0.0

    def add(self, now: float) -> None:
        self.calls.append(now)


@dataclass(slots=True)
class _InBucket:
    limit: Bucket
    level: float
    at: float = 0.0

    def wait(self, now: float) -> float:
        refilled = self.level + (now - self.at) / self.limit.seconds
        self.level, self.at = min(self.limit.burst, refilled), now
        return 0.0 if self.level >= 1 else (1 - self.level) * self.limit.seconds

    def add(self, _: float) -> None:
        self.level -= 1


class Limits:
    """Counts calls, and refuses those beyond a limit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counters: dict[Hashable, Counter] = {}
        self._counted_at = -math.inf

    def count(self, *limits: tuple[Hashable, Limit]) -> None:
        """Count a call under each of these keys, within its limit. Raises OverLimitError."""
        now = self._clock()
        if now < self._counted_at:
            self._counters.clear()
        self._counted_at = now
        for key, limit in limits:
            if key not in self._counters:
                self._counters[key] = limit.counter()
        counters = [self._counters[key] for key, _ in limits]
        wait = max((counter.wait(now) for counter in counters), default=0.0)
        if wait > 0:
            raise OverLimitError(max(1, math.ceil(wait)))
        for counter in counters:
            counter.add(now)

"""Steps of the wall clock: what the time of day does that passing time does not.

Rules
- Time is the wall clock's; a clock that only ever runs tells when that one was set.
- Set ahead, leases seem to end while their holders are still at work: for the length of a lease
  nothing is claimed that somebody may be delivering.
- Set back, what waits for a time would wait that much longer: it is moved along.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

STEP = timedelta(seconds=15)


class Steps:
    """Compares two clocks each time that it is asked."""

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._now = now
        self._steady = steady
        self._apart = self._difference()
        self._ahead_at: float | None = None

    def step(self) -> timedelta:
        """By how much the wall clock was set since the last time: zero, or at least `STEP`."""
        apart = self._difference()
        step = apart - self._apart
        if abs(step) < STEP:
            return timedelta(0)
        self._apart = apart
        if step > timedelta(0):
            self._ahead_at = self._steady()
        return step

    def leases_hold(self, lease: timedelta) -> bool:
        """Whether a lease that has ended by the wall clock has ended indeed."""
        if self._ahead_at is None:
            return True
        return self._steady() - self._ahead_at >= lease.total_seconds()

    def _difference(self) -> timedelta:
        return timedelta(seconds=self._now().timestamp() - self._steady())

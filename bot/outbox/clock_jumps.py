"""Jumps of the wall clock: what the time of day does that passing time does not.

Rules
- Time is the wall clock's; a clock that only ever runs tells when that one was set.
- A lease is kept in wall time, so for the length of one after a step nothing is claimed that
  somebody may be delivering.
- A step is known until it is dealt with: `handled` says so.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

STEP = timedelta(seconds=5)


class ClockJumps:
    """Compares two clocks each time that it is asked."""

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._now = now
        self._steady = steady
        self._apart = self._difference()
        self._stepped_at: float | None = None

    def step(self) -> timedelta:
        """By how much the wall clock was set: zero, or at least `STEP`, either way."""
        step = self._difference() - self._apart
        if abs(step) < STEP:
            return timedelta(0)
        self._stepped_at = self._steady()
        return step

    def handled(self, step: timedelta) -> None:
        """What `step` said is dealt with."""
        self._apart += step

    def leases_trustworthy(self, lease: timedelta) -> bool:
        """Whether a lease that has ended by the wall clock has ended indeed."""
        if self._stepped_at is None:
            return True
        return self._steady() - self._stepped_at >= lease.total_seconds()

    def _difference(self) -> timedelta:
        return timedelta(seconds=self._now().timestamp() - self._steady())

"""Slack's rate limits.

Rules
- A method takes its tier's number of calls a minute for each token; a refused call counts not.
- chat.postMessage takes one a second in each channel, with short bursts, and `MESSAGES` a minute
  in the workspace.
- `minute` is how many seconds a minute lasts; Retry-After is in whole seconds, at least one.
"""

import math
import time
from collections import deque
from dataclasses import dataclass, field

from bot.local_slack.errors import RateLimitedError

BURST = 5
MESSAGES = 400
_MINUTE = 60.0


@dataclass(slots=True)
class _Window:
    """The calls of the last minute."""

    calls: deque[float] = field(default_factory=deque)

    def wait(self, most: int, minute: float, now: float) -> float:
        """How long until another call fits."""
        while self.calls and now - self.calls[0] >= minute:
            self.calls.popleft()
        return 0.0 if len(self.calls) < most else minute - (now - self.calls[0])


@dataclass(slots=True)
class _Bucket:
    """A bucket of `BURST` messages that fills by one a second."""

    level: float = BURST
    at: float = 0.0

    def wait(self, second: float, now: float) -> float:
        """How long until another message fits."""
        self.level = min(BURST, self.level + (now - self.at) / second)
        self.at = now
        return 0.0 if self.level >= 1 else (1 - self.level) * second


class Limits:
    """Counts calls; refuses those beyond a limit."""

    def __init__(self, minute: float) -> None:
        self._minute = minute
        self._windows: dict[tuple[str, str], _Window] = {}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def count(self, method: str, token: str, most: int) -> None:
        """Count a call of a method. Raises RateLimitedError."""
        window = self._windows.setdefault((method, token), _Window())
        now = time.monotonic()
        _refuse(window.wait(most, self._minute, now))
        window.calls.append(now)

    def count_message(self, channel: str, token: str) -> None:
        """Count a message into a channel. Raises RateLimitedError."""
        bucket = self._buckets.setdefault((channel, token), _Bucket())
        _refuse(bucket.wait(self._minute / _MINUTE, time.monotonic()))
        self.count("messages", token, MESSAGES)
        bucket.level -= 1


def _refuse(wait: float) -> None:
    if wait > 0:
        raise RateLimitedError(max(1, math.ceil(wait)))

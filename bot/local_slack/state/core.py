"""What all parts of the workspace share: configuration, ids, the clock of messages, the feed."""

import time
from collections.abc import Callable
from typing import Any

from bot.local_slack.config import LocalSlackConfig
from bot.local_wire.feed import Feed

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MICROS = 1_000_000


def micros(ts: str) -> int:
    """A message timestamp as microseconds. Raises ValueError."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * _MICROS + int((fraction + "000000")[:6])


class Core:
    """Ids and timestamps that never repeat, and the way to the feed."""

    def __init__(
        self, config: LocalSlackConfig, feed: Feed, clock: Callable[[], float] = time.time
    ) -> None:
        self.config = config
        self.now = clock
        self.base_url = ""
        """Where the server is, once it is known."""
        self._feed = feed
        self._counter = 0
        self._last = 0

    def new_id(self, prefix: str) -> str:
        """An id that no other thing in the workspace has."""
        self._counter += 1
        number, digits = self._counter, ""
        while number:
            number, rest = divmod(number, len(_DIGITS))
            digits = _DIGITS[rest] + digits
        return f"{prefix}0{digits:0>7}"

    def new_ts(self) -> str:
        """A message timestamp: the clock's time, later than every one before."""
        self._last = max(self._last + 1, int(self.now() * _MICROS))
        return f"{self._last // _MICROS}.{self._last % _MICROS:06d}"

    def mark(self) -> tuple[int, int]:
        """The number of the newest id, and the newest timestamp in microseconds."""
        return self._counter, self._last

    def resume(self, counter: int, last: int) -> None:
        """Go on after this id and this timestamp; never back."""
        self._counter, self._last = max(self._counter, counter), max(self._last, last)

    def announce(self, kind: str, /, **fields: Any) -> None:  # noqa: ANN401 - what changed, as JSON
        """Tell the feed what has changed."""
        self._feed.publish(kind, **fields)

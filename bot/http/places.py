"""How many webhooks wait for their commit at once: past that, senders are told to come again.

Rules
- What has a place is answered after its commit, whatever comes meanwhile.
- A place is asked for before a body is read, as reading and verifying it is most of the work; and
  taken once it was verified, so that nobody without a secret keeps others out.
- Once one has waited for `WAIT_MOST` seconds no more are taken, however few they are: they would
  wait for longer than their senders do. But who never sends again is: a stall of some seconds would
  lose what can be stored after it, whoever still listens then.
- Places are limited by what stands in them too: a thousand bodies may be 30 MB or 250.
- People's clicks and forms, and whoever asks at the gate, need none.
- The log has a line a second at most: at a thousand refusals a second they would cost more than
  the answers.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot.engine.observer import NULL_OBSERVER, Observer
from bot.http.error_answers import busy
from bot.integrations.request_error import RequestError
from bot.integrations.source import Source

log = structlog.get_logger()

# Many senders lose patience after 10 s, of which some pass before a place is taken. Measured at
# twice the rate that could be done: who was taken waited half as long as with a number alone.
WAIT_MOST = 3.0
WEBHOOKS_MOST = 1_000
BYTES_MOST = 32 * 1024 * 1024
TOLD_SECONDS = 1.0


class Places:
    """The places of one process; all of it on the event loop."""

    def __init__(self, observer: Observer = NULL_OBSERVER) -> None:
        self._observer = observer
        self._since: dict[int, float] = {}  # of each that has a place, the first one first
        self._bytes, self._number = 0, 0
        self._refused, self._told_at = 0, float("-inf")

    def refusal(self, source: Source[Any], size: int = 0) -> RequestError | None:
        """What a body of so many bytes is told there; None where there is a place for it."""
        now = time.monotonic()
        waited = now - next(iter(self._since.values()), now)
        few = len(self._since) < WEBHOOKS_MOST and self._bytes + size <= BYTES_MOST
        if few and (waited < WAIT_MOST or not source.repeats):
            return None
        self._observer.refused()
        self._refused += 1
        if now - self._told_at >= TOLD_SECONDS:
            log.warning(
                "webhooks.busy",
                source=source.name,
                waiting=len(self._since),
                refused=self._refused,
            )
            self._refused, self._told_at = 0, now
        return busy()

    @contextmanager
    def taken(self, source: Source[Any], size: int) -> Iterator[Callable[[], None]]:
        """A place for a body of so many bytes. RequestError where there is none.

        It gives what is called for each commit: from then on it waits anew.
        """
        if refusal := self.refusal(source, size):
            raise refusal
        self._number = number = self._number + 1
        self._bytes += size

        def renew() -> None:
            self._since.pop(number, None)  # the one that has waited longest comes first
            self._since[number] = time.monotonic()

        renew()
        try:
            yield renew
        finally:
            del self._since[number]
            self._bytes -= size

"""How many webhooks wait for their commit at once: past that, senders are told to come again.

Rules
- What has a place is answered after its commit, whatever comes meanwhile.
- A place is asked for before a body is read, as reading and verifying it is most of the work; and
  taken once it was verified, so that nobody without a secret keeps others out.
- Places are limited by what stands in them too: a thousand bodies may be 30 MB or 250.
- People's clicks and forms, and whoever asks at the gate, need none.
- The log has a line a second at most: at a thousand refusals a second they would cost more than
  the answers.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.engine.observer import NULL_OBSERVER, Observer
from bot.http.error_answers import busy
from bot.integrations.request_error import RequestError

log = structlog.get_logger()

# More than a burst of pipelines, and no more than is committed before a sender loses patience: many
# do after 10 s.
WEBHOOKS_MOST = 1_000
BYTES_MOST = 32 * 1024 * 1024
TOLD_SECONDS = 1.0


class Places:
    """The places of one process; all of it on the event loop."""

    def __init__(self, observer: Observer = NULL_OBSERVER) -> None:
        self._observer = observer
        self._webhooks, self._bytes = 0, 0
        self._refused, self._told_at = 0, float("-inf")

    def refusal(self, size: int = 0) -> RequestError | None:
        """What a body of so many bytes is told; None where there is a place for it."""
        if self._webhooks < WEBHOOKS_MOST and self._bytes + size <= BYTES_MOST:
            return None
        self._observer.refused()
        self._refused += 1
        now = time.monotonic()
        if now - self._told_at >= TOLD_SECONDS:
            log.warning("webhooks.busy", waiting=self._webhooks, refused=self._refused)
            self._refused, self._told_at = 0, now
        return busy()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """A place for a body of so many bytes. RequestError where there is none."""
        if refusal := self.refusal(size):
            raise refusal
        self._webhooks += 1
        self._bytes += size
        try:
            yield
        finally:
            self._webhooks -= 1
            self._bytes -= size

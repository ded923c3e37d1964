"""The log of calls: each to and from the bot, with how it ended; the last few thousand are kept.

Rules
- Tokens are never in it: who logs a call leaves them out.
- Each entry is announced on the feed as `call`.
"""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bot.local_wire.feed import Feed

KEPT = 5000
TO_BOT = "to_bot"

ErrorOf = Callable[[int, object], str | None]
"""The error in an answer with this status and body, as the service words it; None: it is none."""


@dataclass(frozen=True, slots=True)
class WireCall:
    """One finished call; `started` is Unix time, by the clock of the service.

    `warnings` says what of the call the service took no notice of.
    """

    id: int
    direction: str
    method: str
    arguments: dict[str, Any]
    status: int
    answer: Any
    started: float
    seconds: float
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The call as a control API shows it."""
        return asdict(self)


class CallLog:
    """A bounded ring of calls; what the bot calls has the direction `to_{service}`."""

    def __init__(
        self, feed: Feed, now: Callable[[], float], service: str, error_of: ErrorOf
    ) -> None:
        self._feed, self._now = feed, now
        self._to_service = f"to_{service}"
        self._calls: deque[WireCall] = deque(maxlen=KEPT)
        self._ids = itertools.count(1)
        self.error_of = error_of

    def called(
        self,
        method: str,
        arguments: dict[str, Any],
        outcome: tuple[int, object],
        seconds: float,
        warnings: tuple[str, ...] = (),
    ) -> None:
        """Keep a call of the bot's that has just ended with this status and answer."""
        self._add(self._to_service, method, arguments, outcome, seconds, warnings)

    def delivered(
        self, name: str, payload: dict[str, Any], outcome: tuple[int, object], seconds: float
    ) -> None:
        """Keep a delivery to the bot that has just ended with this status and answer."""
        self._add(TO_BOT, name, payload, outcome, seconds, ())

    def since(self, number: int = 0) -> list[WireCall]:
        """The calls after this one, oldest first."""
        return [call for call in self._calls if call.id > number]

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def _add(
        self,
        direction: str,
        method: str,
        arguments: dict[str, Any],
        outcome: tuple[int, object],
        seconds: float,
        warnings: tuple[str, ...],
    ) -> None:
        status, answer = outcome
        number, started = next(self._ids), self._now() - seconds
        ended = (status, answer, started, seconds, warnings)
        self._calls.append(WireCall(number, direction, method, arguments, *ended))
        error = self.error_of(status, answer)
        self._feed.publish(
            "call",
            call=number,
            direction=direction,
            method=method,
            status=status,
            ok=error is None,
            error=error,
            seconds=seconds,
        )

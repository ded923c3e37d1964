"""The wire log: each call to and from the bot, with how it ended; the last few thousand are kept.

Tokens are never in it. `unknown` names the arguments that Slack takes no notice of.
"""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.local_slack.state.feed import Feed

KEPT = 5000
Direction = Literal["to_slack", "to_bot"]


@dataclass(frozen=True, slots=True)
class WireCall:
    """One finished call; `started` is Unix time, by the clock of the workspace."""

    id: int
    direction: Direction
    method: str
    arguments: dict[str, Any]
    status: int
    answer: Any
    started: float
    seconds: float
    unknown: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The call as the control API shows it."""
        return asdict(self)


class WireLog:
    """A bounded ring of calls."""

    def __init__(self, feed: Feed, now: Callable[[], float]) -> None:
        self._feed, self._now = feed, now
        self._calls: deque[WireCall] = deque(maxlen=KEPT)
        self._ids = itertools.count(1)

    def add(
        self,
        direction: Direction,
        method: str,
        arguments: dict[str, Any],
        outcome: tuple[int, object],
        seconds: float,
        unknown: tuple[str, ...] = (),
    ) -> None:
        """Keep a call that has just ended with this status and answer."""
        status, answer = outcome
        started = self._now() - seconds
        number = next(self._ids)
        ended = (status, answer, started, seconds, unknown)
        self._calls.append(WireCall(number, direction, method, arguments, *ended))
        shown = answer if isinstance(answer, dict) else {}
        self._feed.publish(
            "call",
            call=number,
            direction=direction,
            method=method,
            status=status,
            ok=bool(shown.get("ok", status == 200)),  # noqa: PLR2004 - HTTP's own
            error=shown.get("error"),
            seconds=seconds,
        )

    def since(self, number: int = 0) -> list[WireCall]:
        """The calls after this one, oldest first."""
        return [call for call in self._calls if call.id > number]

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

"""What the engine asks about each step: what the world outside has to be told of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from bot.domain.aggregate import Step
from bot.domain.effect import Effect
from bot.storage.rows import EffectRow, Outgoing
from bot.storage.transaction import Stream


class Followers(Protocol):
    """Pure; what they give is written together with the step."""

    def after(
        self,
        kind: str,
        before: Any,  # noqa: ANN401 - the state of a stream of this kind
        step: Step[Any, Any],
        states: Sequence[Any],
        now: datetime,
    ) -> Outgoing:
        """What follows from `step`, which led on from `before` over `states`."""

    def row(
        self,
        effect: Effect,
        now: datetime,
        stream: Stream | None = None,
        state: Any = None,  # noqa: ANN401 - the state of the stream
    ) -> EffectRow:
        """An effect as it is to be written; in a stream whose state is given, or in none."""

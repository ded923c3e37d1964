"""What the engine asks about each step: what the world outside has to be told of it."""

from datetime import datetime
from typing import Protocol

from bot.domain.effect import Effect
from bot.domain.lifecycle import Step
from bot.domain.war_room import WarRoom
from bot.storage.rows import EffectRow, Outgoing


class Followers(Protocol):
    """Pure; what they give is written together with the step."""

    def after(self, before: WarRoom | None, step: Step, now: datetime) -> Outgoing:
        """What follows from `step`, which led on from `before`."""

    def row(self, effect: Effect, room: WarRoom | None, now: datetime) -> EffectRow:
        """`effect` as it is to be written."""

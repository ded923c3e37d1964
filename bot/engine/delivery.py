"""What a deliverer promises, and the two ways in which it may fail."""

from typing import Protocol

from bot.domain.commands import Command
from bot.domain.war_room import WarRoom
from bot.storage.outbox import Claimed


class PassingError(Exception):
    """It may work later; `uncertain`: it may even have worked, so look before repeating it."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, uncertain: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.uncertain = uncertain


class FinalError(Exception):
    """It will never work; `commands` record what the room has to know of it."""

    def __init__(self, message: str, commands: tuple[Command, ...] = ()) -> None:
        super().__init__(message)
        self.commands = commands


class Deliverer(Protocol):
    """Delivers one kind of effect; what it returns is recorded in the effect's room."""

    async def __call__(self, effect: Claimed, room: WarRoom | None, /) -> tuple[Command, ...]:
        """Deliver; PassingError or FinalError when that fails."""

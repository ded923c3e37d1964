"""What a deliverer promises, and the two ways in which it may fail."""

from contextvars import ContextVar
from typing import NamedTuple, Protocol

from bot.domain.commands import Command
from bot.domain.war_room import WarRoom
from bot.outbox.claim import Claimed


class Recording(NamedTuple):
    """What a delivery has to be recorded as, and in which room."""

    room_id: str
    command: Command


class PassingError(Exception):
    """It may work later; `uncertain`: it may even have worked, so look before repeating it.

    `limited` is the budget that was overdrawn, as the other side has it.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        uncertain: bool = False,
        limited: str | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.uncertain = uncertain
        self.limited = limited


class FinalError(Exception):
    """It will never work; `recordings` say what the rooms have to know of it."""

    def __init__(self, message: str, recordings: tuple[Recording, ...] = ()) -> None:
        super().__init__(message)
        self.recordings = recordings


class LeaseEndedError(PassingError):
    """We were held up past our lease: somebody else may have the effect by now."""


class Deliverer(Protocol):
    """Delivers one kind of effect; what it returns is recorded."""

    async def __call__(self, effect: Claimed, room: WarRoom | None, /) -> tuple[Recording, ...]:
        """Deliver; PassingError or FinalError when that fails."""


# When the lease of the delivery under way ends, in the seconds of `time.monotonic`.
LEASE_ENDS: ContextVar[float] = ContextVar("lease_ends")

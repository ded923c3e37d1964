"""What is delivered, what a delivery promises, and the two ways in which it may fail."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from bot.domain.commands import Command
from bot.domain.effect import Effect
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage.transaction import Stream

LEFT_SECONDS = 1.0  # for a newer version to take what is left to it


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that is ours until the lease ends."""

    id: int
    stream_kind: str | None
    stream_id: str | None
    kind: str
    lane: str
    target: str | None
    payload: dict[str, str]
    attempts: int
    uncertain: bool
    created_at: datetime
    tried_since: datetime
    room: WarRoom | None = None  # as it was when it was claimed
    unreadable: str = ""  # why it has none

    @property
    def stream(self) -> Stream | None:
        """What it belongs to; None where it belongs to nothing."""
        if self.stream_kind is None or self.stream_id is None:
            return None
        return Stream(self.stream_kind, self.stream_id)

    @property
    def room_id(self) -> str | None:
        """The room that it belongs to; None for what belongs to none."""
        return self.stream_id if self.stream_kind == WAR_ROOM.kind else None


class Recording(NamedTuple):
    """What a delivery has to be recorded as, and in which stream."""

    stream: Stream
    command: Any

    @classmethod
    def in_room(cls, room_id: str, command: Command) -> "Recording":
        """The same in a room."""
        return cls(Stream(WAR_ROOM.kind, room_id), command)


# What comes of a delivery: what is to be recorded, and what is to be delivered next in its stream.
Recordings = tuple[Recording | Effect, ...]

# Delivers one effect through what its destination is reached by, and gives what comes of it.
# PassingError or FinalError, or whatever the destination can tell apart.
Deliver = Callable[[Any, Claimed, WarRoom | None], Awaitable[Recordings]]


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

    def __init__(self, message: str, recordings: Recordings = ()) -> None:
        super().__init__(message)
        self.recordings = recordings


class LeaseEndedError(PassingError):
    """We were held up past our lease: somebody else may have the effect by now."""


# When the lease of the delivery under way ends, in the seconds of `time.monotonic`.
LEASE_ENDS: ContextVar[float] = ContextVar("lease_ends")

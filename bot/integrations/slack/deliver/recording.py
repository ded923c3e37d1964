"""From what a delivery found out to what its room records of it.

Rules
- A delivery of a room's effect gives commands for that room, and so may one that can't be.
- Without a channel there is nothing to do in one: its lane comes after the opening.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.commands import Command
from bot.domain.war_room import WarRoom
from bot.outbox.delivery import Claimed, Deliver, FinalError, Recording, Recordings

T = TypeVar("T")
Commands = tuple[Command, ...]
InRoom = Callable[[T, Claimed, WarRoom], Awaitable[Commands]]


class RefusedForGoodError(Exception):
    """It will never work, and `commands` say what the room has to know of it."""

    def __init__(self, message: str, *commands: Command) -> None:
        super().__init__(message)
        self.commands = commands


def in_room(method: InRoom[T]) -> Deliver:
    """How effects are delivered that belong to a room."""

    async def deliver(through: T, effect: Claimed, room: WarRoom | None, /) -> Recordings:
        if room is None:
            raise FinalError(f"effect {effect.id} belongs to no room")
        try:
            commands = await method(through, effect, room)
        except RefusedForGoodError as error:
            raise FinalError(str(error), _of(room, error.commands)) from error
        return _of(room, commands)

    return deliver


def in_channel(method: InRoom[T]) -> Deliver:
    """How effects in a room's channel are delivered."""

    async def deliver(through: T, effect: Claimed, room: WarRoom) -> Commands:
        return await method(through, effect, room) if room.channel else ()

    return in_room(deliver)


def _of(room: WarRoom, commands: Commands) -> Recordings:
    return tuple(Recording(room.id, command) for command in commands)

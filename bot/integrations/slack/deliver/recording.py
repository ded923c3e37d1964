"""From what a delivery found out to what its room records of it.

Rules
- A delivery of a room's effect gives commands for that room, and so may one that can't be.
- Without a channel there is nothing to do in one: its lane comes after the opening.
- Whom Slack can't reach is no operator's matter: the rooms that were to reach them know of it.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bot.domain.commands import Command
from bot.domain.reported import RecordUnreachable
from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.failures import UNREACHABLE
from bot.outbox.delivery import Claimed, Deliver, FinalError, Recording, Recordings

T = TypeVar("T")
Commands = tuple[Command, ...]
InRoom = Callable[[T, Claimed, WarRoom], Awaitable[Commands]]


class RefusedForGoodError(Exception):
    """It will never work, and `commands` say what the room has to know of it."""

    def __init__(self, message: str, *commands: Command) -> None:
        super().__init__(message)
        self.commands = commands


@contextmanager
def recorded_if_unreachable(name: str, *learned: Command) -> Iterator[None]:
    """Where Slack can't reach somebody, the room records it, and what was `learned` before."""
    try:
        yield
    except FinalError as error:
        reason = unreachable(error)
        gone = RecordUnreachable(name=name, error=reason)
        raise RefusedForGoodError(reason, *learned, gone) from error


def unreachable(error: FinalError) -> str:
    """Slack's name for why a person can't be written to; `error` itself where it isn't that."""
    name = str(error).partition(":")[0]
    if name not in UNREACHABLE:
        raise error
    return name


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
    return tuple(Recording.in_room(room.id, command) for command in commands)

"""The channel of the log is told what its checkpoints' streams say."""

import asyncio

from bot.domain.checkpoint import CHECKPOINT, CheckpointSigned, Event, WitnessRefused
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.deliver.posts import Posts
from bot.integrations.slack.show import log as show
from bot.outbox.delivery import Claimed, FinalError, Recordings


class TellingOfTheLog:
    """Each method delivers one kind of effect of a checkpoint."""

    def __init__(self, engine: Engine, posts: Posts) -> None:
        self._engine = engine
        self._posts = posts

    async def refusal(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """The alarm: which witness refused which checkpoint, and why."""
        del room
        event = await self._event(effect, int(effect.payload["seq"]))
        if not isinstance(event, WitnessRefused):
            raise FinalError(f"checkpoint {effect.payload['size']} was refused by nobody")
        message = show.refusal(int(effect.payload["size"]), event.witness, event.why)
        await self._posts.post(effect.payload["channel"], message, effect)
        return ()

    async def checkpoint(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """A checkpoint, whole, and what it is for."""
        del room
        event = await self._event(effect, 1)
        if not isinstance(event, CheckpointSigned):
            raise FinalError(f"there is no checkpoint {effect.payload['size']}")
        message = show.checkpoint(event.size, event.note)
        await self._posts.post(effect.payload["channel"], message, effect)
        return ()

    async def _event(self, effect: Claimed, seq: int) -> Event | None:
        """The event with this number in the checkpoint's stream."""
        ask = self._engine.store.stream
        record = await asyncio.to_thread(ask, CHECKPOINT, effect.payload["size"])
        return next((each.event for each in record if each.seq == seq), None)

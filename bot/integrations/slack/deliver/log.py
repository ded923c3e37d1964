"""The channel of the log is told what its checkpoints' streams say."""

import asyncio

from bot.domain.checkpoint import CHECKPOINT, WitnessRefused
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
        told = effect.payload
        record = await asyncio.to_thread(self._engine.store.stream, CHECKPOINT, told["size"])
        event = next((each.event for each in record if each.seq == int(told["seq"])), None)
        if not isinstance(event, WitnessRefused):
            raise FinalError(f"checkpoint {told['size']} has no refusal {told['seq']}")
        message = show.refusal(int(told["size"]), event.witness, event.why)
        await self._posts.post(told["channel"], message, effect)
        return ()

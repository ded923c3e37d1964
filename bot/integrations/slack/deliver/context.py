"""What a message is made of: the policy, the event and the rooms that it is about, from the store.

Each is read in a thread: the event loop waits for no database.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.domain.events import Escalated, Recorded
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.show import news
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.verbs.verb import Verbs
from bot.outbox.claim import Claimed

LATE = timedelta(minutes=2)


class RoomContext:
    """Reads what deliveries need; `verbs` are those whose buttons a message may have."""

    def __init__(self, engine: Engine, verbs: Verbs) -> None:
        self._engine = engine
        self.verbs = verbs

    async def policy(self, room: WarRoom) -> Policy:
        """The policy that a room was opened under."""
        return await asyncio.to_thread(self._engine.policy_of, room)

    async def policies(self, rooms: Sequence[WarRoom]) -> Mapping[str, Policy]:
        """The policies of rooms, by room id."""
        return {room.id: await self.policy(room) for room in rooms}

    async def rooms(self, ids: Sequence[str]) -> list[WarRoom]:
        """The rooms with these ids."""
        found = await asyncio.to_thread(lambda: [self._engine.store.room(each) for each in ids])
        return [room for room in found if room]

    async def news(self, effect: Claimed, room: WarRoom) -> Recorded | None:
        """The event that an effect tells of; None once that is over.

        A reminder of what is decided meanwhile is: the decision has news of its own.
        """
        record = await asyncio.to_thread(self._engine.store.record, room.id)
        recorded = record[int(effect.payload["seq"]) - 1]
        over = room.decision is not None and isinstance(recorded.event, Escalated)
        return None if over else recorded

    def dated(self, message: Rendered, recorded: Recorded) -> Rendered:
        """`message`, with the time of its event where that is long ago."""
        late = self._engine.now() - recorded.at > LATE
        return news.dated(message, recorded.at) if late else message

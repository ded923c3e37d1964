"""What a message is made of: the policy, the event and the rooms that it is about, from the store.

Each is read in a thread: the event loop waits for no database.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.aggregate import Recorded, Unknown
from bot.domain.events import Event
from bot.domain.policy import Policy
from bot.domain.war_room import Verdict, WarRoom
from bot.engine.engine import Engine
from bot.engine.waiting import pipelines
from bot.integrations.slack.show import cards, news
from bot.integrations.slack.show.about import About, about
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.show.waiting import with_pipelines
from bot.integrations.slack.verbs.verb import Verbs
from bot.outbox.delivery import LEFT_SECONDS, Claimed, PassingError

LATE = timedelta(minutes=2)


class RoomContext:
    """Reads what deliveries need; `verbs` are those whose buttons a message may have."""

    def __init__(self, engine: Engine, verbs: Verbs) -> None:
        self._engine = engine
        self._verbs = verbs
        self._asking: dict[int, asyncio.Future[About]] = {}  # while it is asked

    async def card(self, room: WarRoom) -> Rendered:
        """The card of a room as it is now."""
        return cards.card(await self._about(room), self._verbs)

    async def page(self, room: WarRoom, name: str) -> Rendered:
        """The page to somebody as the room is now."""
        return cards.page(await self._about(room), name, self._verbs)

    async def policy(self, room: WarRoom) -> Policy:
        """The policy that a room was opened under."""
        return (await self._engine.rules_for(room)).policy

    async def policies(self, rooms: Sequence[WarRoom]) -> Mapping[str, Policy]:
        """The policies of rooms, by room id."""
        return {room.id: await self.policy(room) for room in rooms}

    async def rooms(self, ids: Sequence[str]) -> list[WarRoom]:
        """The rooms with these ids."""
        found = await asyncio.to_thread(lambda: [self._engine.store.room(each) for each in ids])
        return [room for room in found if room]

    async def event(self, effect: Claimed, room: WarRoom) -> Recorded[Event]:
        """The event that an effect tells of. PassingError for one of a newer version."""
        seq = int(effect.payload["seq"])
        recorded = await asyncio.to_thread(self._engine.store.event, room, seq)
        if isinstance(recorded.event, Unknown):
            message = f"{recorded.event.kind} is an event of a newer version"
            raise PassingError(message, retry_after=LEFT_SECONDS)
        found: Recorded[Event] = recorded
        return found

    async def with_pipelines(self, message: Rendered, room: WarRoom) -> Rendered:
        """How a room ended, with the pipelines that waited for it alone, and what they did then."""
        waited = await asyncio.to_thread(pipelines, self._engine, room)
        told = [each for each in waited if each[1] is not Verdict.PENDING]
        return with_pipelines(message, told)

    async def _about(self, room: WarRoom) -> About:
        """Asked once for all messages that are being made of this very room: its pages are."""
        asking = self._asking.get(id(room))
        if asking is None:
            asking = asyncio.ensure_future(asyncio.to_thread(about, self._engine, room))
            self._asking[id(room)] = asking
            asking.add_done_callback(lambda _: self._asking.pop(id(room), None))
        return await asyncio.shield(asking)

    def dated(self, message: Rendered, at: datetime) -> Rendered:
        """`message`, with the time `at` of what it tells of where that is long ago."""
        late = self._engine.now() - at > LATE
        return news.dated(message, at) if late else message

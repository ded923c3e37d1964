"""Adjudicators are told that personal values of rooms under their policies were erased."""

import asyncio
from functools import partial

from bot.domain.erasure import ERASURE
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.integrations.slack.deliver.posts import Posts
from bot.integrations.slack.show import erasures as show
from bot.outbox.delivery import Claimed, FinalError, Recordings


class TellingErasures:
    """Each method delivers one kind of effect of an erasure."""

    def __init__(self, engine: Engine, posts: Posts) -> None:
        self._engine = engine
        self._posts = posts

    async def tell(self, effect: Claimed, room: WarRoom | None) -> Recordings:
        """A direct message: how much went, on whose order, and not of whom."""
        del room
        told = effect.payload
        ask = partial(self._engine.store.stream, ERASURE, told["erasure"])
        record = await asyncio.to_thread(ask)
        if not record:
            raise FinalError(f"there is no erasure {told['erasure']}")
        erased, by = record[0].event, record[0].account or record[0].actor
        message = show.erased(erased, by, told["policies"].splitlines())
        await self._posts.direct(told["user"], message, effect)
        return ()

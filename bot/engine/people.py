"""Who people are, followed as the record says it: what an import has changed holds everywhere.

Rules
- Each process looks at the configuration's stream, and goes on with the people that it gives.
- An open room with somebody unknown in it is told once it is known who that is: at the start, and
  whenever people have changed. One process does that which delivers, too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import chain

import structlog

from bot.domain.configuration import CONFIGURATION, STREAM_ID, Configuration
from bot.engine.engine import Engine
from bot.policies.claims import unheard
from bot.storage.store import DatabaseUnavailableError, Store
from bot.storage.transaction import Stream
from bot.storage.unknown_people import open_rooms_with, open_rooms_with_unknown

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 1.0
_STREAM = Stream(CONFIGURATION.kind, STREAM_ID)


async def follow(
    engine: Engine, look_at_files: Callable[[], Awaitable[None]], *, tell_rooms: bool
) -> None:
    """Go on with the people on record until it is cancelled; `tell_rooms` of them, too.

    After each change it is for `look_at_files` to see whether another process has loaded other
    files.
    """
    changed = True  # somebody may have been listed since the last start
    while True:
        try:
            if await refresh(engine):
                changed = True
                await look_at_files()
            if changed and tell_rooms:
                await identify_unknown(engine)
            changed = False
        except DatabaseUnavailableError as error:
            log.warning("people.database_away", error=str(error))
        # A commit here wakes it, and on PostgreSQL one elsewhere; else it looks by itself.
        await engine.wakeups.room_changed(STREAM_ID, LOOK_EVERY_SECONDS)


async def refresh(engine: Engine) -> bool:
    """Take over what was recorded since, here or elsewhere, and say whether there was anything."""
    version = await asyncio.to_thread(engine.store.version, _STREAM)
    if version == engine.configuration:
        return False
    engine.use(await asyncio.to_thread(on_record, engine.store))
    log.info("people.changed", configuration=engine.configuration)
    return True


async def identify_unknown(engine: Engine) -> None:
    """Tell every open room of unknown accounts whose owners the configuration knows by now.

    And each that knows one of somebody's two names: where one of them made the change, both did.
    """
    rooms = await asyncio.to_thread(open_rooms_with_unknown, engine.store)
    for person in chain.from_iterable(engine.people.alike.values()):
        rooms += await asyncio.to_thread(open_rooms_with, engine.store, person)
    # A room that would hear nothing new takes no turn among those who write.
    for room in {room.id: room for room in rooms}.values():
        if any(unheard(engine.people, room)):
            await engine.write(partial(engine.identified, room_id=room.id))


def on_record(store: Store) -> Configuration:
    """The configuration as the record has it."""
    current: Configuration | None = None
    for recorded in store.stream(CONFIGURATION, STREAM_ID):
        current = CONFIGURATION.evolve(current, recorded)
    return current or Configuration(version=0)

"""People are imported at the start and each hour, by one process of several.

Rules
- An import that fails, or gives too few to be believed, changes nothing: the last one holds. It is
  logged, tried again within minutes, and told by `warroom doctor`.
- One import's failure never stops another's, and never the process.
"""

import asyncio
from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.aggregate import Step
from bot.domain.configuration import ImportPeople
from bot.domain.refusal import Refusal, Why
from bot.engine.engine import Engine
from bot.integrations.people.fetch import fetch
from bot.policies.imported import Imported, ImportFailedError
from bot.policies.imports import Import
from bot.storage import imports
from bot.storage.store import DatabaseUnavailableError

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 1.0


async def import_hourly(engine: Engine, client: AsyncWebClient, reloaded: asyncio.Event) -> None:
    """Import whatever is due until it is cancelled, from the sources that are loaded by then."""
    imported = set[Import]()
    async with asyncio.TaskGroup() as group:
        while True:
            loaded = set(engine.config.people.imports)
            for source in loaded - imported:
                group.create_task(_hourly(engine, client, source))
            imported = loaded
            await reloaded.wait()
            reloaded.clear()


async def take_in(
    engine: Engine, source: str, imported: Imported, accepted_by: str | None = None
) -> bool:
    """Record whom an import gives; says whether that changed something. ImportFailedError."""
    people = ImportPeople(source=source, humans=imported.humans, accepted_by=accepted_by)
    answer = await engine.take_in(people)
    if isinstance(answer, Refusal) and answer.why is not Why.NOTHING_TO_DO:
        raise ImportFailedError(answer.message)
    count = len(imported.humans)
    await engine.write(lambda order: imports.succeeded(order.connection, source, order.now, count))
    return isinstance(answer, Step)


async def _hourly(engine: Engine, client: AsyncWebClient, source: Import) -> None:
    starting, due_at = True, engine.now()
    while source in engine.config.people.imports:
        try:
            if engine.now() >= due_at:
                due_at = await _look(engine, client, source, starting=starting)
                starting = False
        except DatabaseUnavailableError as error:
            log.warning("people.database_away", error=str(error), source=source.name)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _look(
    engine: Engine, client: AsyncWebClient, source: Import, *, starting: bool
) -> datetime:
    """Import people where nobody else does; gives when to look again."""
    name = source.name
    mine = await engine.write(
        lambda order: imports.claim(order.connection, name, order.now, starting=starting)
    )
    if mine:
        await _import(engine, client, source)
    known = await asyncio.to_thread(
        engine.store.ask, lambda connection: imports.statuses(connection, [name])
    )
    return known[name].next_at


async def _import(engine: Engine, client: AsyncWebClient, source: Import) -> None:
    name = source.name
    try:
        imported = await fetch(source, engine.config.people, client)
        changed = await take_in(engine, name, imported)
    except DatabaseUnavailableError:
        raise
    except ImportFailedError as error:
        log.warning("people.import_failed", source=name, error=str(error))
        await _failed(engine, name, str(error))
    except Exception as error:
        log.exception("people.import_failed", source=name)
        await _failed(engine, name, repr(error))
    else:
        people, skipped = len(imported.humans), len(imported.skipped)
        log.info("people.imported", source=name, people=people, skipped=skipped, changed=changed)


async def _failed(engine: Engine, source: str, reason: str) -> None:
    await engine.write(lambda order: imports.failed(order.connection, source, order.now, reason))

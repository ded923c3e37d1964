"""Records as rooms leave them behind, and forgeries of one of their events."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.person import Person
from bot.domain.policy import Policy
from bot.domain.violation import Initiator
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.storage.database import Database
from bot.storage.personal import canonical, commitment
from tests.build import acting, report
from tests.conftest import HandClock, started
from tests.evidence.exporting import Written, rewritten, written

SALT = "7" * 32
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def apart(value: object) -> str:
    """What stands in the bytes for a value that is beside them."""
    return commitment(SALT, value)


class Happening:
    """An engine that things happen to, each a second or a minute after the one before."""

    def __init__(self, engine: Engine, clock: HandClock) -> None:
        self._engine, self._clock = engine, clock

    async def come(self, key: str, who: Initiator, **fields: object) -> Receipt:
        """A violation with this key, by whom."""
        self._clock.move(SECOND)
        new = report(dedup_key=key, initiator=who, **fields)
        return await self._engine.report(new, "violations", f"{key} {who.label} {fields}")

    async def do(self, receipt: Receipt, command: c.Command, by: Person) -> None:
        """Somebody's command to the room that a violation is in."""
        self._clock.move(MINUTE)
        answer = await self._engine.handle(receipt.room.id, command, acting(by.name))
        assert isinstance(answer, Step)


def left_behind(
    story: Callable[[Happening], Awaitable[None]],
    policies: tuple[Policy, ...],
    template: Path,
    folder: Path,
) -> Written:
    """The record of what happens under these policies."""
    file = folder / "record.db"
    shutil.copy(template, file)
    database = Database(f"sqlite:///{file}")

    async def happen() -> None:
        clock = HandClock()
        async with started(database, clock, *policies) as engine:
            await story(Happening(engine, clock))

    asyncio.run(happen())
    try:
        return written(database)
    finally:
        database.dispose()


def number_in(record: Written, kind: str, key: str) -> int:
    """Where the last event of a kind stands in the room whose first violation has this key."""
    rooms = {
        each.leaf.stream_id
        for each in record.entries
        if each.leaf.kind == "opened"
        and json.loads(each.leaf.payload)["event"]["violation"]["report"]["dedup_key"] == key
    }
    return max(
        number
        for number, each in enumerate(record.entries)
        if each.leaf.kind == kind
        and each.leaf.stream_kind == "war_room"
        and each.leaf.stream_id in rooms
    )


def changed(
    record: Written,
    kind: str,
    key: str,
    change: Callable[[dict[str, Any]], object],
    opened: dict[str, object] | None = None,
    **leaf: Any,  # noqa: ANN401 - fields
) -> Written:
    """The record with the payload of that event changed, and these values beside it."""
    number = number_in(record, kind, key)
    entry = record.entries[number]
    payload = json.loads(entry.leaf.payload)
    change(payload)
    beside = {path: (SALT, canonical(value).decode()) for path, value in (opened or {}).items()}
    personal = {**entry.personal, **beside}
    return record.but(number, rewritten(entry, personal, payload=json.dumps(payload), **leaf))


def with_event(
    record: Written,
    kind: str,
    key: str,
    **fields: Any,  # noqa: ANN401 - of the event
) -> Written:
    """The record with these fields of that event."""
    return changed(record, kind, key, lambda payload: payload["event"].update(fields))

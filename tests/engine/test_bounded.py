"""A room is bounded: what joins costs the same whatever is there already."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, func, select

from bot.domain import commands as c
from bot.domain.contents import NEWEST
from bot.engine.engine import Engine
from bot.storage import tables as t
from bot.storage.database import Database
from tests.build import acting, ada, report, val

FACTS = {"rows": "x" * 20_000}


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    """The SQL statements that are carried out meanwhile."""
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    engines = {database.write, database.read}
    for each in engines:
        event.listen(each, "before_cursor_execute", note)
    yield statements
    for each in engines:
        event.remove(each, "before_cursor_execute", note)


async def _joined(engine: Engine, first: int, last: int) -> str:
    for number in range(first, last + 1):
        receipt = await engine.report(report(facts=FACTS), "violations", f"{number:05}")
    assert receipt.room.count == last
    return receipt.room.id


def _sizes(database: Database, room_id: str) -> tuple[int, int, int]:
    """Of the room's document, and of its last event's bytes and of what is personal in it."""
    e, length = t.events.c, func.length
    newest = (
        select(length(e.payload), length(e.personal))
        .where(e.stream_id == room_id)
        .order_by(e.seq.desc())
        .limit(1)
    )
    with database.read.connect() as connection:
        document = select(length(t.rooms.c.document)).where(t.rooms.c.id == room_id)
        return (connection.execute(document).scalar_one(), *connection.execute(newest).one())


async def test_a_room_and_its_events_do_not_grow(engine: Engine, database: Database) -> None:
    """Beyond its newest violations; and as many statements are needed for the 300th as before."""
    room_id = await _joined(engine, 1, 100)
    before = _sizes(database, room_id)
    with _counted(database) as early:
        await _joined(engine, 101, 101)
    await _joined(engine, 102, 299)
    with _counted(database) as late:
        await _joined(engine, 300, 300)
    after = _sizes(database, room_id)
    digits = 2  # a counter's or a version's
    assert [new - old for new, old in zip(after, before, strict=True)] <= [digits, 0, 0]
    assert late == early
    assert after[0] < (1 + NEWEST) * 1_000
    assert after[2] < len(FACTS["rows"]) + 1_000


async def test_an_event_is_read_alone_as_it_is_among_the_others(engine: Engine) -> None:
    room_id = await _joined(engine, 1, 5)
    await engine.handle(room_id, c.RequestInfo(question="Which customers?"), acting(val.name))
    await engine.handle(room_id, c.Explain(text="All of them."), acting(ada.name))
    room = engine.store.room(room_id)
    assert room
    record = engine.store.record(room_id)
    assert len(record) == room.version == 7
    assert [engine.store.event(room, recorded.seq) for recorded in record] == record

"""Replicas on one PostgreSQL hear of each other's commits."""

import asyncio

import pytest
from sqlalchemy import text

from bot.domain import commands as c
from bot.engine.engine import Engine
from bot.storage import notify
from bot.storage.database import Database
from tests.build import acting, report, val

CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    f"WHERE query = 'LISTEN {notify.CHANNEL}'"
)


@pytest.mark.only_on("postgresql", reason="on SQLite there is one process")
async def test_another_process_hears_what_a_commit_has_changed(
    engine: Engine, database: Database, database_url: str
) -> None:
    other = Database(database_url)
    heard: asyncio.Queue[tuple[bool, bool, set[str]]] = asyncio.Queue()
    listening = asyncio.create_task(notify.listen(other, lambda *said: heard.put_nowait(said)))
    async with asyncio.timeout(10):
        assert await heard.get() == (True, True, set())  # it listens now
        room = (await engine.report(report(), "violations", "d1")).room
        assert await heard.get() == (True, True, {room.id})
        await engine.handle(room.id, c.Acknowledge(), acting(val.name))
        assert (await heard.get())[2] == {room.id}
        with database.write.begin() as connection:
            connection.execute(text("SELECT pg_notify('warroom', 'hello')"))
        assert await heard.get() == (True, True, set())  # whatever it means, there may be work
        with database.write.begin() as connection:
            connection.execute(CUT)
        assert await heard.get() == (True, True, set())  # it listens again
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    other.dispose()

"""Databases with so many rooms in them, each filled once a run; what is in them is checked.

Rules
- Decided rooms are of the last month. Open ones are half an hour old: nothing of them is due while
  the bench runs.
- Whatever was filled in is checked on a sample: the fold of a room's events is its row.
"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import Table, delete, select, text

from bot.domain.fold import fold
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.evidence.sequencer import take_in_all
from bot.policies.load import load
from bot.storage import migrations
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.store import Store
from tests.bench import firm
from tests.bench.bot import Bot
from tests.bench.lives import Lives, Past
from tests.bench.twins import TABLES, Original, Rows, columns, originals
from tests.outgoing import FOLLOWING
from tests.postgres import another_database, postgres

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
LIVES = 200
AT_ONCE = 2_000
CHECKED = 25
NOTHING_DUE = timedelta(hours=6)


class Stock:
    """A folder with the firm's configuration and with databases, for as long as it is entered."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._urls: dict[tuple[str, int, float], str] = {}
        self._originals: dict[bool, list[Original]] = {}
        self._server = ""

    def __enter__(self) -> Self:
        self.folder = Path(self._ends.enter_context(TemporaryDirectory(prefix="warroom-stock-")))
        self.config = firm.write_config(self.folder / "config")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.close()

    def database(self, kind: str, rooms: int, still_open: float = 0.1) -> str:
        """The address of a database of this kind with so many rooms, this share of them open."""
        found = self._urls.get((kind, rooms, still_open))
        if found:
            return found
        if kind == "sqlite":
            url = f"sqlite:///{self.folder}/rooms_{rooms}_{still_open}.db"
        else:
            url = self._ends.enter_context(another_database(self.server))
        prepared(url)
        if rooms:
            self._fill(url, rooms, round(rooms * still_open))
        self._urls[kind, rooms, still_open] = url
        return url

    @asynccontextmanager
    async def bot(self, kind: str) -> AsyncIterator[Bot]:
        """The bot on one of this kind; no later measurement has to deliver what this one leaves."""
        database = await asyncio.to_thread(self.database, kind, 0)
        async with Bot(self.config, database) as bot:
            yield bot
        await asyncio.to_thread(emptied_outbox, database)

    @property
    def server(self) -> str:
        """The address of a durable PostgreSQL, started when it is first asked for."""
        self._server = self._server or self._ends.enter_context(postgres(durable=True))
        return self._server

    def _fill(self, url: str, rooms: int, still_open: int) -> None:
        insert = _into_sqlite if url.startswith("sqlite") else _into_postgres
        for count, is_open in ((still_open, True), (rooms - still_open, False)):
            lives = self._lives(is_open=is_open) if count else []
            for first in range(0, count, AT_ONCE):
                twins = [random.choice(lives).twin() for _ in range(min(AT_ONCE, count - first))]
                insert(url, twins)
        if still_open:
            _add_sets(url, self.folder / "lives_True.db")
        _take_into_log(url)
        _check(url)

    def lived(self, *, is_open: bool) -> Path:
        """An SQLite file with rooms that were lived through: all of them open, or all decided."""
        path = self.folder / f"lives_{is_open}.db"
        if not path.exists():
            asyncio.run(_live(path, self.config, is_open=is_open))
        return path

    def _lives(self, *, is_open: bool) -> list[Original]:
        if is_open not in self._originals:
            self._originals[is_open] = originals(self.lived(is_open=is_open))
        return self._originals[is_open]


def prepared(url: str) -> None:
    """Bring the tables of a database up to date."""
    database = Database(url)
    migrations.upgrade(database)
    database.dispose()


def emptied_outbox(url: str) -> None:
    """Forget what is still to be delivered: what one measurement leaves must not slow the next."""
    database = Database(url)
    with database.write.begin() as connection:
        if not database.is_sqlite:  # row by row it could wait in a circle with the bot
            connection.execute(text("LOCK TABLE effects IN ACCESS EXCLUSIVE MODE"))
        connection.execute(text("DELETE FROM effects"))
    database.dispose()


async def begun(path: Path, config: Path) -> tuple[Engine, Past]:
    """An engine on a new SQLite file, and its clock, which is whenever it is set to."""
    url = f"sqlite:///{path}"
    prepared(url)
    past = Past()
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(Database(url), load(config), past, wakeups, FOLLOWING)
    await engine.start("tests")
    return engine, past


async def _live(path: Path, config: Path, *, is_open: bool) -> None:
    engine, past = await begun(path, config)
    database = engine.store.database
    lives, now = Lives(engine, past), datetime.now(UTC)
    for number in range(LIVES):
        if number % firm.POLICIES == firm.APART:
            continue
        if is_open:
            await lives.open(number, now - timedelta(minutes=30, milliseconds=number))
        else:
            await lives.decided(number, now - timedelta(days=2 + number % 28, milliseconds=number))
    engine.stop()
    if not is_open:  # of a lasting exception: nothing of it is due while the bench runs
        with database.write.begin() as connection:
            connection.execute(delete(t.timers).where(t.timers.c.due_at < now + NOTHING_DUE))
    database.dispose()


def _take_into_log(url: str) -> None:
    """As a migration does: no bot that is measured has it still to do."""
    database = Database(url)
    take_in_all(database)
    database.dispose()


def _cells(twins: list[Rows], place: int) -> list[list[object]]:
    return [row for twin in twins for row in twin[place]]


def _add_sets(url: str, lived: Path) -> None:
    """Whom open rooms ask: twins have the people of the rooms whose twins they are."""
    source, database = Database(f"sqlite:///{lived}"), Database(url)
    with source.read.connect() as connection:
        rows = connection.execute(select(t.sets_of_people)).mappings().all()
    with database.write.begin() as connection:
        connection.execute(t.sets_of_people.insert(), [dict(row) for row in rows])
    source.dispose()
    database.dispose()


def _into_sqlite(url: str, twins: list[Rows]) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for place, table in enumerate(TABLES):
            names = columns(table)
            marks = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
            connection.executemany(statement, _cells(twins, place))
        connection.commit()


def _into_postgres(url: str, twins: list[Rows]) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for place, table in enumerate(TABLES):
            with cursor.copy(_copy(table)) as copy:
                for row in _cells(twins, place):
                    copy.write_row(row)


def _copy(table: Table) -> bytes:
    return f"COPY {table.name} ({', '.join(columns(table))}) FROM STDIN".encode()


def _check(url: str) -> None:
    database = Database(url)
    if not database.is_sqlite:  # what PostgreSQL does by itself after a while
        with database.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    store = Store(database)
    with database.read.connect() as connection:
        asked = text(f"SELECT id FROM rooms ORDER BY id LIMIT {CHECKED}")
        found = list(connection.execute(asked).scalars())
    for room in found:
        if fold(store.record(room)) != store.room(room):
            raise RuntimeError(f"room {room} was filled in wrongly: its events don't give its row")
    database.dispose()

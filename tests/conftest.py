"""What tests of several folders share: both databases, a clock that tests move, a policy.

Rules
- A test that asks for a database runs on SQLite and on PostgreSQL, since storage, races, claims,
  timers, locks, migrations, outages, and every text that PostgreSQL may refuse differ there.
- `either_database` marks what only looks at words, pages, views, HTTP or the configuration over a
  database: it runs on SQLite, which starts faster. Whatever it asks of the database is asked on
  both by the tests of `engine/`, `storage/`, `outbox/` and the scenarios that carry no mark.
- `only_on("sqlite", reason=…)` marks a rule that the other one can't have: there it is skipped.
- Each worker has a PostgreSQL server of its own, which takes half a second and shares nothing.
"""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

from bot.domain.policy import Policy, StormRule
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.tables import metadata
from tests.build import POLICY, START, config
from tests.outgoing import FOLLOWING
from tests.postgres import postgres

KINDS = ("sqlite", "postgresql")

# A busy machine is no finding.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, ahead: timedelta) -> datetime:
        self.at += ahead
        return self.at


@pytest.fixture
def fresh_loggers() -> None:
    """Loggers as a new process has them: a command that ran before may have set their level."""
    structlog.reset_defaults()
    for name, module in sys.modules.items():
        logger = getattr(module, "log", None) if name.startswith("bot.") else None
        if logger is not None:
            vars(logger).pop("bind", None)  # what `cache_logger_on_first_use` leaves


@pytest.fixture(scope="session", autouse=True)
def hurry() -> Iterator[None]:
    """SQLite waits for no disk, as PostgreSQL's server doesn't: no test here cuts the power."""

    def hurried(connection: object, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Pool, "checkout", hurried)
    yield
    event.remove(Pool, "checkout", hurried)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        database = Database(url)
        migrations.upgrade(database)
        database.dispose()
        yield url


@pytest.fixture(scope="session")
def emptying(postgres_url: str) -> Iterator[Callable[[], object]]:
    """Empties the tables; ten times as fast as TRUNCATE where a test has left little."""
    order = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for (sequence,) in connection.execute("SELECT sequencename FROM pg_sequences"):
            order.append(f"SELECT setval('{sequence}', 1, false)")
        yield partial(connection.execute, "; ".join(order))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.dispose()
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" not in metafunc.fixturenames:
        return
    test = metafunc.definition
    kinds = KINDS[:1] if test.get_closest_marker("either_database") else KINDS
    only = test.get_closest_marker("only_on")
    metafunc.parametrize(
        "database_url",
        [
            pytest.param(kind, marks=pytest.mark.skip(reason=only.kwargs["reason"]))
            if only and kind not in only.args
            else kind
            for kind in kinds
        ],
        indirect=True,
    )


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with its tables."""
    if request.param == "sqlite":
        path = tmp_path / "warroom.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    request.getfixturevalue("emptying")()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def engine(database: Database, clock: HandClock) -> AsyncIterator[Engine]:
    async with started(database, clock, POLICY) as engine:
        yield engine


@pytest.fixture
async def roomy(database: Database, clock: HandClock) -> AsyncIterator[Engine]:
    """The same with a policy that takes hundreds of rooms for no storm."""
    policy = POLICY.model_copy(update={"storm": StormRule(rooms=500)})
    async with started(database, clock, policy) as engine:
        yield engine


@asynccontextmanager
async def started(database: Database, clock: HandClock, *policies: Policy) -> AsyncIterator[Engine]:
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(*policies), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)

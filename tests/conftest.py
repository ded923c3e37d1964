"""What tests of several folders share: both databases, a clock that tests move, a policy."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.policy import Policy, StormRule
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.tables import metadata
from tests.build import POLICY, START, config
from tests.outgoing import FOLLOWING
from tests.postgres import postgres


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, ahead: timedelta) -> datetime:
        self.at += ahead
        return self.at


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        database = Database(url)
        migrations.upgrade(database)
        database.dispose()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with its tables, once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "warroom.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    _empty(url)
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
    async with _started(database, clock, POLICY) as engine:
        yield engine


@pytest.fixture
async def roomy(database: Database, clock: HandClock) -> AsyncIterator[Engine]:
    """The same with a policy that takes hundreds of rooms for no storm."""
    policy = POLICY.model_copy(update={"storm": StormRule(rooms=500)})
    async with _started(database, clock, policy) as engine:
        yield engine


@asynccontextmanager
async def _started(database: Database, clock: HandClock, policy: Policy) -> AsyncIterator[Engine]:
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(policy), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    yield engine
    await asyncio.to_thread(engine.stop)


def _empty(url: str) -> None:
    database = Database(url)
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with database.write.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    database.dispose()

"""Databases of earlier versions, taken along: made once a session, and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.storage import copying, migrations
from bot.storage.database import Database
from tests.postgres import another_database
from tests.storage.exports import Export


def _in_place(database: Database, old: Export) -> None:
    old.restore(database)
    migrations.upgrade(database)


def _imported(database: Database, old: Export) -> None:
    copying.read_in(database, old.reader(), lambda *_: None)


WAYS: dict[str, Callable[[Database, Export], None]] = {"in place": _in_place, "imported": _imported}


class Originals:
    """Databases in which exports were taken along; `empty` gives the address of an empty one."""

    def __init__(self, empty: Callable[[], str]) -> None:
        self._empty = empty
        self._made: dict[tuple[Path, str], str] = {}

    def url(self, old: Export, way: str) -> str:
        """The address of the one that was made from an export in one of the ways."""
        if (old.file, way) not in self._made:
            url = self._made[old.file, way] = self._empty()
            database = Database(url)
            migrations.upgrade(database)
            WAYS[way](database, old)
            database.dispose()
        return self._made[old.file, way]


@pytest.fixture(scope="session")
def sqlite_originals(tmp_path_factory: pytest.TempPathFactory) -> Originals:
    return Originals(lambda: f"sqlite:///{tmp_path_factory.mktemp('original')}/old.db")


@pytest.fixture(scope="session")
def postgresql_originals(postgres_url: str) -> Iterator[Originals]:
    with ExitStack() as ends:
        yield Originals(lambda: ends.enter_context(another_database(postgres_url)))


@pytest.fixture(params=WAYS)
def taken_along(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> Iterator[Database]:
    """A database of the module's `old` export, migrated in place or imported."""
    kind = make_url(database_url).get_backend_name()
    originals: Originals = request.getfixturevalue(f"{kind}_originals")
    original = originals.url(request.module.old, request.param)
    with ExitStack() as ends:
        if kind == "sqlite":
            path = shutil.copy(original.removeprefix("sqlite:///"), tmp_path / "old.db")
            url = f"sqlite:///{path}"
        else:
            url = ends.enter_context(another_database(database_url, like=original))
        database = Database(url)
        yield database
        database.dispose()

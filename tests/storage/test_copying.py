"""An export is one moment of a database, and whatever a table may hold travels."""

import io
from collections.abc import Callable

from sqlalchemy import BigInteger, Boolean, Float, Integer, Text, insert, select
from sqlalchemy.types import TypeDecorator

from bot.storage import copying, migrations, tables
from bot.storage.archive import ArchiveReader, ArchiveWriter
from bot.storage.consistency import differences
from bot.storage.database import Database
from bot.storage.tables import metadata
from tests.build import START

POLICY_ROW = {
    "kind": "policy",
    "name": "p",
    "file": "",
    "line": 0,
    "document": "{}",
    "loaded_at": START,
}


class Meanwhile(io.BytesIO):
    """A file; somebody else writes to the database while its first line is written."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self._happens: Callable[[], None] | None = happens

    def write(self, line: object, /) -> int:
        if self._happens:
            happens, self._happens = self._happens, None
            happens()
        return super().write(line)  # type: ignore[arg-type] # bytes


def _add_documents(database: Database, *digests: str) -> None:
    with database.write.begin() as connection:
        rows = [{"digest": digest, **POLICY_ROW} for digest in digests]
        connection.execute(insert(tables.documents), rows)


def _silent(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def test_what_is_written_meanwhile_is_not_in_it(database: Database) -> None:
    _add_documents(database, "one", "two")
    file = Meanwhile(lambda: _add_documents(database, "three"))
    head = copying.write_out(database, ArchiveWriter(file), "1", START, _silent)
    assert head.counts["documents"] == 2
    file.seek(0)
    rows = [row for batch in ArchiveReader(file).batches() for row in batch.rows]
    assert [row[0] for row in rows] == ["one", "two"]
    with database.read.connect() as connection:
        assert copying.counts(connection)["documents"] == 3


def test_an_export_of_nothing_is_taken_and_leaves_nothing(
    database: Database, tmp_path: object
) -> None:
    file = io.BytesIO()
    copying.write_out(database, ArchiveWriter(file), "1", START, _silent)
    file.seek(0)
    target = Database(f"sqlite:///{tmp_path}/target.db")
    copying.read_in(target, ArchiveReader(file), _silent)
    assert migrations.is_current(target)
    with target.read.connect() as connection:
        assert not any(copying.counts(connection).values())
        assert list(differences(connection)) == []
    target.dispose()


def test_more_rows_than_are_held_at_once(database: Database, tmp_path: object) -> None:
    _add_documents(database, *(f"{number:05}" for number in range(2 * copying.AT_ONCE + 1)))
    file, said = io.BytesIO(), list[tuple[str, int, int]]()
    copying.write_out(database, ArchiveWriter(file), "1", START, _silent)
    file.seek(0)
    target = Database(f"sqlite:///{tmp_path}/target.db")
    copying.read_in(target, ArchiveReader(file), lambda *much: said.append(much))
    with target.read.connect() as connection, database.read.connect() as source:
        question = select(tables.documents).order_by(tables.documents.c.digest)
        assert connection.execute(question).all() == source.execute(question).all()
    assert said == [("rows", done, 2001) for done in (1000, 2000, 2001)]
    target.dispose()


def test_every_column_is_of_a_kind_that_json_carries() -> None:
    """A new kind of column needs a way into an export first."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind = column.type
            plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
            assert isinstance(plain, (Text, Integer, BigInteger, Boolean, Float)), column

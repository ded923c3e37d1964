"""Everything in a database, out to an export and in from one, on SQLite and PostgreSQL alike.

Rules
- What there is, the tables say: every table of `metadata`, with every column, parents first.
- Out: one consistent read, so that a bot may work meanwhile.
- In: into an empty database, in one transaction, tables and all; nothing half stays.
- What an older version exported is read into the tables that it had, and migrated from there.
- An id that was ever given is never given again: it may stand in a message's metadata.
- Nothing is interpreted: a lease stays a lease, and what was uncertain stays uncertain.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime

from sqlalchemy import Connection, MetaData, Table, TableClause, func, inspect, select, text
from sqlalchemy import column as plain_column
from sqlalchemy import table as plain_table
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.types import TypeDecorator

from bot.domain.count import counted
from bot.storage import migrations
from bot.storage.archive import ArchiveError, ArchiveReader, ArchiveWriter, Head
from bot.storage.consistency import PROVED_TABLES, differences
from bot.storage.database import Database
from bot.storage.tables import metadata

AT_ONCE = 1000
Progress = Callable[[str, int, int], object]  # what is being done, how much of how much

_TABLES = tuple(metadata.sorted_tables)
_COUNTING = tuple(table for table in _TABLES if table.autoincrement_column is not None)
_NO_MORE = ("policies",)  # tables that older versions had


class NotEmptyError(Exception):
    """The database has something in it already."""


def write_out(
    database: Database, writer: ArchiveWriter, version: str, now: datetime, progress: Progress
) -> Head:
    """Everything, as it is at one moment; gives what the file's head says."""
    with database.read.connect() as connection:
        if not database.is_sqlite:  # where a read transaction sees one moment anyway
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        head = Head(
            version=version,
            revision=migrations.revision(connection) or "",
            at=now,
            counts=counts(connection),
            last_ids={table.name: _last_id(connection, table.name) for table in _COUNTING},
        )
        writer.head(head)
        total, done = sum(head.counts.values()), 0

        def rows(table: TableClause, order: list[str]) -> Iterator[tuple[object, ...]]:
            nonlocal done
            question = select(table).order_by(*(table.c[name] for name in order))
            options = {"yield_per": AT_ONCE}
            with connection.execute(question, execution_options=options) as found:
                for row in found:
                    done += 1
                    progress("rows", done, total)
                    yield tuple(row)

        for table in _TABLES:
            columns = table.columns.keys()
            order = [column.name for column in table.primary_key]
            writer.table(table.name, columns, rows(_plain(table.name), order))
    if writer.foot() != head.counts:
        raise RuntimeError(f"the rows did not stand still: head {head.counts}")
    return head


def read_in(database: Database, reader: ArchiveReader, progress: Progress) -> None:
    """Everything in the file, or nothing. ArchiveError, NotEmptyError."""
    head = reader.head
    if head.revision not in migrations.revisions():
        raise ArchiveError(
            f"its tables are at revision {head.revision} (warroom {head.version}), which this "
            f"version doesn't know: it reads what is at {migrations.head()} or before. Import it "
            "with the version that it comes from, or with a newer one"
        )
    with database.write.begin() as connection:
        _require_empty(connection)
        migrations.upgrade_on(connection)
        _require_empty(connection)  # an older one may have had rows in tables that are no more
        if head.revision != migrations.head():
            migrations.start_over(connection, head.revision)
        tables = _tables_there(connection)
        _load(connection, tables, reader, progress)
        held = counts(connection, tables.values())
        if held != head.counts:
            raise ArchiveError(f"the counts differ: the file has {head.counts}, it gave {held}")
        try:
            migrations.upgrade_on(connection)
        except ValueError as error:
            raise ArchiveError(f"the file is damaged: {error}") from error
        streams = sum(head.counts.get(name, 0) for name in PROVED_TABLES)
        with closing(differences(connection)) as compared:
            for number, difference in enumerate(compared, start=1):
                if difference:
                    raise ArchiveError(f"the file is damaged: {difference}")
                progress("streams checked", number, streams)
        for name, last in head.last_ids.items():
            _go_on_after(connection, name, last)


def counts(connection: Connection, tables: Iterable[Table] = _TABLES) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    }


def _plain(name: str) -> TableClause:
    """The table with its values as the database keeps them: a time is a number there."""
    columns = metadata.tables[name].columns
    kinds = {
        column.name: column.type.impl_instance
        if isinstance(column.type, TypeDecorator)
        else column.type
        for column in columns
    }
    return plain_table(name, *(plain_column(each, kind) for each, kind in kinds.items()))


def _require_empty(connection: Connection) -> None:
    there = [table for table in _TABLES if inspect(connection).has_table(table.name)]
    if there and connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in there)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
    held = {name: count for name, count in counts(connection, there).items() if count}
    if held:
        said = ", ".join(counted(count, name.removesuffix("s")) for name, count in held.items())
        raise NotEmptyError(f"there are rows in it already: {said}")


def _tables_there(connection: Connection) -> dict[str, Table]:
    """Our tables as the database has them now, at whichever revision that is."""
    there = MetaData()
    names = [name for name in (*metadata.tables, *_NO_MORE) if inspect(connection).has_table(name)]
    there.reflect(connection, only=names)
    return dict(there.tables)


def _load(
    connection: Connection, tables: dict[str, Table], reader: ArchiveReader, progress: Progress
) -> None:
    total, done = sum(reader.head.counts.values()), 0
    for batch in reader.batches(AT_ONCE):
        known = tables.get(batch.table)
        if known is None or set(batch.columns) != set(known.columns.keys()):
            raise ArchiveError(f"the table {batch.table} in it has other columns than ours")
        rows = [dict(zip(batch.columns, row, strict=True)) for row in batch.rows]
        try:
            connection.execute(known.insert(), rows)
        except OperationalError:
            raise  # the database is away, or its disk is full
        except (StatementError, OverflowError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise ArchiveError(f"the file is damaged: {batch.table}: {reason}") from error
        done += len(rows)
        progress("rows", done, total)


def _last_id(connection: Connection, name: str) -> int:
    """The highest id that was ever given in a table."""
    column = metadata.tables[name].autoincrement_column
    highest = int(connection.execute(select(func.max(column))).scalar() or 0)
    if connection.dialect.name == "sqlite":
        given = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return max(highest, connection.execute(given, {"name": name}).scalar() or 0)
    sequence = _sequence(connection, name)
    last, called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - PostgreSQL's own quoted name
    return max(highest, last if called else 0)


def _go_on_after(connection: Connection, name: str, last: int) -> None:
    """Let the next id of a table be higher than `last`, and than any that it ever gave."""
    if name not in {table.name for table in _COUNTING}:
        raise ArchiveError(f"the file is damaged: {name} counts no ids")
    highest = max(last, _last_id(connection, name))
    if not highest:
        return
    if connection.dialect.name == "sqlite":
        values = {"name": name, "last": highest}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), values)
    else:
        values = {"sequence": _sequence(connection, name), "last": highest}
        connection.execute(text("SELECT setval(CAST(:sequence AS regclass), :last)"), values)


def _sequence(connection: Connection, name: str) -> str:
    column = metadata.tables[name].autoincrement_column
    asked = text("SELECT pg_get_serial_sequence(:name, :column)")
    values = {"name": name, "column": column.name if column is not None else ""}
    return str(connection.execute(asked, values).scalar_one())

"""Migrations: from whatever a database holds to the tables as they are now.

Rules
- Each revision is written once and never changed after a release.
- A revision's file is called by it, and each comes after the one with the number before.
- Batch mode, since SQLite can't alter most of a table in place.
- The rows of rooms are views: where a revision changed what events say, they are made anew.
- Alembic (65 ms, 9 MB) is loaded where a revision has to be run. Whether one has, and that none has
  in an empty database, is told without it: by the names of the files, and by Alembic's own table.
"""

from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
)

from bot.storage.database import Database
from bot.storage.rebuilding import add_people, rebuild_rooms
from bot.storage.tables import metadata

HERE = Path(__file__).parent
# Rows of rooms that a revision before this one has left are not what their events give now.
VIEWS_SINCE = "0007"
# Before this one, open rooms were not found by the people whom they ask.
PEOPLE_SINCE = "0017"
# As Alembic makes it.
_AT = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class OtherVersionError(Exception):
    """The tables are at a revision that this version doesn't know."""


def upgrade(database: Database) -> None:
    """Bring the tables up to date; nothing happens where they are. OtherVersionError."""
    with database.write.begin() as connection:
        upgrade_on(connection)


def upgrade_on(connection: Connection, to: str | None = None) -> None:
    """The same, within a transaction that does more; or no further than a revision.

    An empty database gets today's tables at once: there is nothing in it to take along.
    """
    if to is None and not inspect(connection).get_table_names():
        _make_tables(connection)
        return
    before = revision(connection) or ""
    if before == (to or head()):
        return
    from bot.storage.migrations.steps import run  # noqa: PLC0415 - imports Alembic: see above

    run(connection, to or head())
    if to is None and before < VIEWS_SINCE:
        rebuild_rooms(connection)
    if to is None and before < PEOPLE_SINCE:
        add_people(connection)


def _make_tables(connection: Connection) -> None:
    # An index of a part of the rows is one on PostgreSQL too, but says so of SQLite alone: what is
    # said of PostgreSQL loads its dialect, wherever there is none.
    if connection.dialect.name == "postgresql":
        for index in (each for table in metadata.tables.values() for each in table.indexes):
            of_which_rows = index.dialect_options["sqlite"]["where"]
            index.dialect_options["postgresql"]["where"] = of_which_rows
    metadata.create_all(connection)
    _AT.create(connection)
    connection.execute(insert(_AT).values(version_num=head()))


def start_over(connection: Connection, at: str) -> None:
    """Replace the tables of a current database, which has no rows, with those of a revision."""
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    upgrade_on(connection, at)


def head() -> str:
    """The revision of the tables that this version works with."""
    return revisions()[0]


def revisions() -> list[str]:
    """All that lead to the head, and the head itself; the newest first."""
    names = (path.name for path in (HERE / "versions").glob("[0-9]*.py"))
    return sorted((name.partition("_")[0] for name in names), reverse=True)


def revision(connection: Connection) -> str | None:
    """The revision that the tables are at; None where there are none."""
    if not inspect(connection).has_table(_AT.name):
        return None
    at: str | None = connection.execute(select(_AT.c.version_num)).scalar_one_or_none()
    return at


def is_current(database: Database) -> bool:
    """Whether the tables are those that this version works with."""
    with database.read.connect() as connection:
        return revision(connection) == head()

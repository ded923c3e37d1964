"""A database that is to be worked with, with its tables as this version needs them.

Rules
- SQLite is migrated, and never under a process that works with it; PostgreSQL is migrated by
  `warroom db upgrade` alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import UnreachableError, UsageError
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.single_process import alone
from bot.storage.store import Store


def open_database(url: str) -> Database:
    """The database at `url`, for one command of the command line. UsageError, UnreachableError.

    InUseError where its tables would have to be changed under a process that works with them.
    """
    database = Database(url)
    if database.is_sqlite:
        with suppress(SQLAlchemyError):  # which is said below
            if migrations.is_current(database):
                return database
    with alone(database.file):
        return prepared(database)


@contextmanager
def opened_store(url: str) -> Iterator[Store]:
    """What can be asked of the database at `url`. Raises what `open_database` raises."""
    database = open_database(url)
    try:
        yield Store(database)
    finally:
        database.dispose()


def prepared(database: Database) -> Database:
    """`database`, once its tables are current. UsageError, UnreachableError."""
    try:
        if database.is_sqlite:
            migrations.upgrade(database)
        elif not migrations.is_current(database):
            raise UsageError("the database's tables are not current: run `warroom db upgrade`")
    except SQLAlchemyError as error:
        where = database.shown
        raise UnreachableError(f"DATABASE_URL: can't use {where}: {error.args[0]}") from error
    return database

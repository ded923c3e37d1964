"""A database that is to be worked with, with its tables as this version needs them.

Rules
- Whoever reads, or mends what is there, makes no database: a mistyped name is told, and becomes no
  empty file.
- Who only asks what might be gets the database as it is, or hears that there is none to ask.
- SQLite is migrated, and never under a process that works with it; PostgreSQL is migrated by
  `warroom db upgrade` alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import UnreachableError, UsageError
from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.database_errors import reached
from bot.storage.single_process import alone
from bot.storage.store import Store


def open_database(url: str, *, make: bool = False) -> Database:
    """The database at `url`, for one command of the command line. UsageError, UnreachableError.

    An SQLite file that isn't there is only made with `make`. InUseError where the tables would have
    to be changed under a process that works with them.
    """
    database = Database(url)
    if not make and database.file and not database.file.exists():
        need = "need one that `warroom serve` or `warroom db upgrade` has made"
        where = database.file.resolve()
        raise UnreachableError(f"DATABASE_URL: found no database at {where}, {need}")
    if database.is_sqlite:
        with suppress(SQLAlchemyError):  # which is said below
            if migrations.is_current(database):
                return database
    with reached(database), alone(database.file):
        return prepared(database)


@contextmanager
def opened_store(url: str) -> Iterator[Store]:
    """What can be asked of the database at `url`. Raises what `open_database` raises."""
    database = open_database(url)
    try:
        yield Store(database)
    finally:
        database.dispose()


@contextmanager
def store_as_it_is(url: str) -> Iterator[Store]:
    """What can be asked of the database at `url`, in which nothing is changed.

    UnreachableError where there is none, or its tables are another version's.
    """
    database = Database(url)
    try:
        if database.file and not database.file.exists():
            raise UnreachableError(f"DATABASE_URL: found no database at {database.file.resolve()}")
        with reached(database):
            is_current = migrations.is_current(database)
        if not is_current:
            raise UnreachableError(f"DATABASE_URL: the tables of {database.shown} are not current")
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

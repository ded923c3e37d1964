"""A database that can't be used, said by its address and without its password."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import UnreachableError, UsageError
from bot.storage.database import Database
from bot.storage.migrations import OtherVersionError


@contextmanager
def reached(database: Database) -> Iterator[None]:
    """UnreachableError where the database can't be used, UsageError for another version's."""
    where = database.shown
    try:
        yield
    except OtherVersionError as error:
        said = f"{where} has the tables of another version of warroom: {error}"
        raise UsageError(f"DATABASE_URL: {said}") from error
    except SQLAlchemyError as error:
        raise UnreachableError(f"DATABASE_URL: can't use {where}: {error.args[0]}") from error

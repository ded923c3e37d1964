"""What a database says goes into logs: not what was being written."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.storage.database import Database


def test_an_error_shows_no_value_that_was_being_written(database: Database) -> None:
    with pytest.raises(DBAPIError) as error, database.write.begin() as connection:
        connection.execute(text("SELECT no_such_function(:said)"), {"said": "a justification"})
    assert "a justification" not in str(error.value)


def test_a_connection_that_is_in_use_at_the_end_is_closed_when_it_comes_back(
    database: Database,
) -> None:
    with database.read.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver
        database.dispose()
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError)):
        driver.cursor().execute("SELECT 1")

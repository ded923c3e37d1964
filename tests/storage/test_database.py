"""What a database says goes into logs: not what was being written."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.storage.database import Database


def test_an_error_shows_no_value_that_was_being_written(database: Database) -> None:
    with pytest.raises(DBAPIError) as error, database.write.begin() as connection:
        connection.execute(text("SELECT no_such_function(:said)"), {"said": "a justification"})
    assert "a justification" not in str(error.value)

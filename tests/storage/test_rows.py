"""Rows are written as they are given, one or many at once."""

from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.rows import insert_rows
from tests.build import START

ODD = ["", "\\N", "\\.", "a\tb", "c\nd\r\ne", "\\", "'quoted' \"twice\"", "\u2028", "💥", "NULL"]


def _violation(number: int, text: str = "") -> dict[str, Any]:
    return {
        "id": f"v{number}",
        "source": "violations",
        "delivery_id": f"d{number}",
        "received_at": START,
        "callback": number % 2 == 0,
        "document": text,
    }


def _written(connection: Connection) -> list[tuple[str, Any, bool, str]]:
    c = t.violations.c
    asked = select(c.id, c.received_at, c.callback, c.document).order_by(c.id)
    return [tuple(row) for row in connection.execute(asked)]


@pytest.mark.parametrize("count", [1, len(ODD)])
def test_any_text_is_written_as_it_is(database: Database, count: int) -> None:
    rows = [_violation(number, text) for number, text in enumerate(ODD)]
    with database.write.begin() as connection:
        for first in range(0, len(rows), count):
            insert_rows(connection, t.violations, rows[first : first + count])
    with database.read.connect() as connection:
        assert _written(connection) == [
            (f"v{number}", START, number % 2 == 0, text) for number, text in enumerate(ODD)
        ]


def test_what_is_not_there_is_null(database: Database) -> None:
    columns = ("id", "version", "state", "policy_id", "owner", "granted_at", "until", "document")
    values = (1, "active", "p", "o", START, START, "{}")
    rows = [
        dict(zip(columns, (f"e{number}", *values), strict=True)) | {"team": team}
        for number, team in enumerate((None, "NULL", "\\N"))
    ]
    with database.write.begin() as connection:
        insert_rows(connection, t.exceptions, rows)
        found = connection.execute(select(t.exceptions.c.team).order_by(t.exceptions.c.id))
        assert list(found.scalars()) == [None, "NULL", "\\N"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_key_that_is_taken_is_one_error_for_one_row_and_for_many(
    database: Database, count: int
) -> None:
    with database.write.begin() as connection:
        insert_rows(connection, t.violations, [_violation(0)])
    with pytest.raises(IntegrityError), database.write.begin() as connection:
        insert_rows(connection, t.violations, [_violation(each) for each in range(count)])
    with database.read.connect() as connection:
        assert len(_written(connection)) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_row_that_no_table_takes_is_the_databases_error(database: Database, count: int) -> None:
    rows = [_violation(each) | {"document": None} for each in range(count)]
    with pytest.raises(DBAPIError), database.write.begin() as connection:
        insert_rows(connection, t.violations, rows)
    with database.write.begin() as connection:  # which is as good as before
        insert_rows(connection, t.violations, [_violation(each) for each in range(count)])
        assert len(_written(connection)) == count

"""Everybody of a rich record is erased, one after another, and it can still be read."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bot.domain.somebody import Somebody
from bot.storage import tables as t
from bot.storage.consistency import differences
from bot.storage.database import Database
from bot.storage.erasing import erase, everything_known, lock_views, of_person
from bot.storage.theirs import apart_of
from tests.storage.exports import revision_0005 as old

AT = datetime(2027, 1, 1, tzinfo=UTC)
TABLES = (t.events, t.rooms, t.exceptions, t.follow_ups, t.violations, t.answers, t.effects)


def _people(connection: Connection) -> set[str]:
    """The names of all who stand in a stream."""
    return {
        value["name"]
        for row in connection.execute(select(t.events))
        for path, (_, value) in apart_of(row).items()
        if path.startswith("people.")
    }


def _bytes(connection: Connection) -> list[tuple[int, str]]:
    c = t.events.c
    question = select(c.position, c.payload).order_by(c.position)
    return [(row.position, row.payload) for row in connection.execute(question)]


def _naming(connection: Connection, who: Somebody) -> list[str]:
    """The columns in which an account of theirs stands, as it is or within a text."""
    return sorted(
        {
            f"{table.name}.{column}: {value[:400]}"
            for table in TABLES
            for row in connection.execute(select(table))
            for column, value in zip(table.c.keys(), row, strict=True)
            if isinstance(value, str)
            and any(each.partition(":")[2].lower() in value.lower() for each in who.accounts)
        }
    )


def test_each_is_erased_from_every_table_and_the_events_give_the_views(
    taken_along: Database,
) -> None:
    with taken_along.write.begin() as connection:
        before, people = _bytes(connection), _people(connection)
        assert len(before) >= len(old.rows("events"))
        assert len(people) > 3
        for name in sorted(people):
            who = everything_known(connection, Somebody.called(name))
            found = of_person(connection, who, AT)
            assert found.values, name
            lock_views(connection)
            erase(connection, found)
            assert _naming(connection, who) == [], name
            assert not of_person(connection, who, AT).values
        assert _people(connection) == set()
        assert _bytes(connection) == before
        said = [each for each in differences(connection) if each]
        assert said == []

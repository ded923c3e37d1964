"""When an import is tried: by one process of several, at the start, each hour, after a failure."""

from datetime import timedelta

from sqlalchemy import Connection

from bot.storage import imports
from bot.storage.database import Database
from tests.build import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STAFF = "csv staff.csv"


def _claimed(connection: Connection, after: timedelta, *, starting: bool = False) -> bool:
    return imports.claim(connection, STAFF, START + after, starting=starting)


def test_an_import_is_one_process_s_at_the_start_and_an_hour_later(database: Database) -> None:
    with database.write.begin() as connection:
        assert _claimed(connection, 0 * HOUR, starting=True)
        assert not _claimed(connection, 0.01 * MINUTE, starting=True), "another has just tried"
        assert not _claimed(connection, 59 * MINUTE)
        assert _claimed(connection, HOUR)
        assert not _claimed(connection, HOUR)
        assert _claimed(connection, HOUR + 2 * MINUTE, starting=True)


def test_what_has_failed_is_tried_again_within_minutes_and_tells_the_last_good_one(
    database: Database,
) -> None:
    with database.write.begin() as connection:
        assert _claimed(connection, 0 * HOUR)
        imports.succeeded(connection, STAFF, START, 7)
        assert not _claimed(connection, HOUR - MINUTE)
        assert _claimed(connection, HOUR)
        imports.failed(connection, STAFF, START + HOUR, "it was away")
        status = imports.statuses(connection, [STAFF, "slack"])[STAFF]
        assert (status.error, status.succeeded_at, status.people) == ("it was away", START, 7)
        assert not _claimed(connection, HOUR + 4 * MINUTE)
        assert _claimed(connection, HOUR + 5 * MINUTE)
        imports.succeeded(connection, STAFF, START + 2 * HOUR, 8)
        assert imports.statuses(connection, [STAFF])[STAFF].error is None

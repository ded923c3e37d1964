"""Migrations lead to the tables that the code works with."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.tables import metadata


def test_migrated_tables_are_the_tables_of_the_code(database: Database) -> None:
    with database.read.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert migrations.is_current(database)


def test_an_empty_database_is_not_current_and_upgrading_twice_changes_nothing(
    tmp_path: object,
) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    assert not migrations.is_current(database)
    migrations.upgrade(database)
    migrations.upgrade(database)
    assert migrations.is_current(database)
    database.dispose()

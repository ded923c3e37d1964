"""Migrations lead to the tables that the code works with, and so does a beginning without them."""

import json
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from bot.storage import migrations
from bot.storage.database import Database
from bot.storage.tables import metadata


def _shape(connection: Connection) -> str:
    """Every table with all that it consists of, by names."""
    found = inspect(connection)
    counting: list[str] = []  # the tables that never give an id twice, which SQLite doesn't say
    if connection.dialect.name == "sqlite":
        question = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"
        counting = list(connection.exec_driver_sql(question).scalars())
    tables = {
        table: {
            "columns": {
                column["name"]: (
                    str(column["type"]),
                    column["nullable"],
                    column["default"],
                    column.get("autoincrement"),
                )
                for column in found.get_columns(table)
            },
            "primary key": found.get_pk_constraint(table),
            "foreign keys": _by_name(found.get_foreign_keys(table)),
            "unique": _by_name(found.get_unique_constraints(table)),
            "indexes": _by_name(found.get_indexes(table)),
        }
        for table in found.get_table_names()
    }
    return json.dumps([tables, counting], default=str, sort_keys=True)


def _by_name(found: Any) -> list[Any]:  # noqa: ANN401 - of the inspector
    return sorted(found, key=lambda each: str(each["name"]))


def test_an_empty_database_and_one_that_is_migrated_step_by_step_get_the_same_tables(
    database: Database,
) -> None:
    with database.write.begin() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        migrations.upgrade_on(connection)
        fresh = _shape(connection)
        migrations.start_over(connection, "0001")
        migrations.upgrade_on(connection)
        assert _shape(connection) == fresh
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


def test_the_files_are_called_by_their_revisions_which_follow_each_other() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [step.revision for step in steps] == migrations.revisions()
    assert [step.down_revision for step in steps] == [*migrations.revisions()[1:], None]


def test_alembic_knows_the_revision_of_a_database_that_was_made_without_it(
    database: Database,
) -> None:
    with database.write.begin() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        migrations.upgrade_on(connection)
        at = MigrationContext.configure(connection)
        assert at.get_current_revision() == migrations.head() == migrations.revision(connection)

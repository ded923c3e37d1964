"""Migrations: from whatever a database holds to the tables as they are now.

Rules
- Each revision is written once and never changed after a release.
- Batch mode, since SQLite can't alter most of a table in place.
- The rows of rooms are views: where a revision changed what events say, they are made anew.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.storage.database import Database
from bot.storage.rebuilding import rebuild_rooms
from bot.storage.tables import metadata

# Rows of rooms that a revision before this one has left are not what their events give now.
VIEWS_SINCE = "0007"


def upgrade(database: Database) -> None:
    """Bring the tables up to date; nothing happens where they are."""
    with database.write.begin() as connection:
        upgrade_on(connection)


def upgrade_on(connection: Connection, to: str = "head") -> None:
    """The same, within a transaction that does more; or no further than a revision.

    An empty database gets today's tables at once: there is nothing in it to take along.
    """
    if to == "head" and not inspect(connection).get_table_names():
        metadata.create_all(connection)
        scripts = ScriptDirectory.from_config(_config(None))
        MigrationContext.configure(connection).stamp(scripts, to)
        return
    before = revision(connection) or ""
    command.upgrade(_config(connection), to)
    if to == "head" and before < VIEWS_SINCE:
        rebuild_rooms(connection)


def start_over(connection: Connection, at: str) -> None:
    """Replace the tables of a current database, which has no rows, with those of a revision."""
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    upgrade_on(connection, at)


def head() -> str | None:
    """The revision of the tables that this version works with."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def revisions() -> list[str]:
    """All that lead to the head, and the head itself; the newest first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return [script.revision for script in scripts.walk_revisions()]


def revision(connection: Connection) -> str | None:
    """The revision that the tables are at; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Whether the tables are those that this version works with."""
    with database.read.connect() as connection:
        return revision(connection) == head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config

"""Migrations: from whatever a database holds to the tables as they are now.

Rules
- Each revision is written once and never changed after a release.
- Batch mode, since SQLite can't alter most of a table in place.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.storage.database import Database


def upgrade(database: Database) -> None:
    """Bring the tables up to date; nothing happens where they are."""
    with database.write.begin() as connection:
        command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the tables are those that this version works with."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    with database.read.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config

"""The steps from one revision to another, which Alembic takes."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.storage.migrations import HERE, OtherVersionError


def run(connection: Connection, to: str) -> None:
    """Bring the tables to this revision. OtherVersionError where none knows the way."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise OtherVersionError(*error.args) from error

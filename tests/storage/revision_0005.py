"""A database of revision 0005, as the version before people had names left it.

Rules
- It is that version's own export, with a room for whatever could happen in one: every event, a
  storm that was settled apart, initiators whom nobody knew (yet), user groups, unreachable people,
  pages by themselves and in a digest, effects that wait, were put off or given up.
"""

import gzip
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, text

from bot.storage import migrations
from bot.storage.archive import ArchiveReader, Head
from bot.storage.database import Database

FILE = Path(__file__).parent / "data" / "revision-0005.jsonl.gz"
Row = dict[str, Any]


def reader() -> ArchiveReader:
    """The file, to be read from its start."""
    return ArchiveReader(io.BytesIO(gzip.decompress(FILE.read_bytes())))


@cache
def head() -> Head:
    """What the file says of itself."""
    return reader().head


@cache
def rows(table: str) -> tuple[Row, ...]:
    """The rows of one of its tables."""
    return tuple(
        dict(zip(batch.columns, row, strict=True))
        for batch in reader().batches()
        for row in batch.rows
        if batch.table == table
    )


def payloads(table: str, column: str) -> list[Any]:
    """What stands in a column of JSON."""
    return [json.loads(row[column]) for row in rows(table)]


def restore(database: Database) -> None:
    """Make an empty database the one that was exported, at its revision."""
    with database.write.begin() as connection:
        migrations.start_over(connection, head().revision)
        tables = MetaData()
        tables.reflect(connection, only=list(head().counts))
        for name in head().counts:
            connection.execute(tables.tables[name].insert(), list(rows(name)))
        if not database.is_sqlite:  # ids that are given don't move the sequence
            last = head().last_ids["effects"]
            connection.execute(text(f"SELECT setval('effects_id_seq', {last})"))

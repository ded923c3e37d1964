"""Databases as earlier versions left them: each version's own export, at its revision.

Rules
- Of revision 0005 there is a room for whatever could happen in one before people had names: every
  event, a storm that was settled apart, initiators whom nobody knew (yet), user groups, unreachable
  people, pages by themselves and in a digest, effects that wait, were put off or given up.
- Of revision 0006 there are rooms with one initiator each, of whom some were not known: by a login,
  by an address that Slack was being asked about, that it knew, or that it didn't; and a storm of
  all of these, from which one was settled apart.
"""

import gzip
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, text

from bot.storage import migrations
from bot.storage.archive import ArchiveReader, Head
from bot.storage.database import Database

Row = dict[str, Any]


@dataclass
class Export:
    """One export, by its file."""

    file: Path

    def reader(self) -> ArchiveReader:
        """The file, to be read from its start."""
        return ArchiveReader(io.BytesIO(gzip.decompress(self.file.read_bytes())))

    @cached_property
    def head(self) -> Head:
        """What the file says of itself."""
        return self.reader().head

    @cached_property
    def _tables(self) -> dict[str, tuple[Row, ...]]:
        found: dict[str, tuple[Row, ...]] = {}
        for batch in self.reader().batches():
            rows = (dict(zip(batch.columns, row, strict=True)) for row in batch.rows)
            found[batch.table] = found.get(batch.table, ()) + tuple(rows)
        return found

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows of one of its tables."""
        return self._tables.get(table, ())

    def payloads(self, table: str, column: str) -> list[Any]:
        """What stands in a column of JSON."""
        return [json.loads(row[column]) for row in self.rows(table)]

    def restore(self, database: Database) -> None:
        """Make an empty database the one that was exported, at its revision."""
        with database.write.begin() as connection:
            migrations.start_over(connection, self.head.revision)
            tables = MetaData()
            tables.reflect(connection, only=list(self.head.counts))
            for name in self.head.counts:
                if rows := self.rows(name):
                    connection.execute(tables.tables[name].insert(), list(rows))
            if not database.is_sqlite:  # ids that are given don't move the sequence
                for name, last in self.head.last_ids.items():
                    sequence = _SEQUENCES[name]
                    connection.execute(text(f"SELECT setval('{sequence}', {last})"))


_SEQUENCES = {"effects": "effects_id_seq", "events": "events_position_seq"}
_DATA = Path(__file__).parent / "data"
revision_0005 = Export(_DATA / "revision-0005.jsonl.gz")
revision_0006 = Export(_DATA / "revision-0006.jsonl.gz")

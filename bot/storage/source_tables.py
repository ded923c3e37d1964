"""The tables of what comes from outside besides violations: names at sources, and people."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from bot.storage.schema import metadata
from bot.storage.utc_microseconds import UtcMicroseconds

# What checks are called at a source: `kind` says whether it is a pattern of `sources.yaml`, with
# when it last took a name, or the name of failures that none took. The name is empty in the row of
# all that are kept no longer by their names.
source_names = Table(
    "source_names",
    metadata,
    Column("source", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("first_at", UtcMicroseconds, nullable=False),
    Column("last_at", UtcMicroseconds),
    Column("times", BigInteger, nullable=False),
)

# Where people come from besides the file. A claim moves `next_at` ahead: it is the lease as well.
imports = Table(
    "imports",
    metadata,
    Column("source", Text, primary_key=True),
    Column("next_at", UtcMicroseconds, nullable=False),
    Column("tried_at", UtcMicroseconds, nullable=False),
    Column("succeeded_at", UtcMicroseconds),
    Column("people", Integer),
    Column("error", Text),
)

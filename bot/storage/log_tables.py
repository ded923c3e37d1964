"""The tables of the log: which leaf each event is, the tree over them, and its signed checkpoints.

Rules
- Hashes, salts and notes are text (hashes and salts in hex): an export writes rows as JSON.
- A leaf's own hash stands with the leaf, and in no node.
- Events aren't referred to by a foreign key: on PostgreSQL each leaf would lock the row of its
  event, which writes it anew.
"""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from bot.storage.schema import metadata
from bot.storage.utc_microseconds import UtcMicroseconds

HEAD = 1  # the one row of `log_head`

log_leaves = Table(
    "log_leaves",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False, unique=True),  # of the event
    Column("salt", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

# The roots of complete subtrees, from two leaves on.
log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
)

# `settled`: no event at or below this position is without a leaf, and none will come there. So it
# is with `seen` once the transactions that were writing then, `writers`, have ended.
log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", Text, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("writers", Text, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("made_at", UtcMicroseconds, nullable=False),
    Column("note", Text, nullable=False),
    Column("cosignatures", Text, nullable=False),  # lines of signatures; none is empty
)

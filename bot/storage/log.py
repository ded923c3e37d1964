"""The log's rows: which events have no leaf yet, the leaves and nodes that are there, the head.

Rules
- One transaction at a time holds the head's row, and only that one adds leaves.
- The order of positions is not the order of commits: a transaction may commit an event below one
  that has a leaf already. So each look asks for all events without a leaf, from the position on up
  to which that is settled for good.
- A position is settled once whatever was writing events when it was seen has ended, be it that
  this committed or not. PostgreSQL's locks say who writes; on SQLite nobody does while we do. It
  costs those who write events nothing. Each statement has to see what has ended before it: in a
  transaction with one snapshot (see `database`) none would.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table, bindparam, func, select, text, tuple_, update

from bot.storage.log_tables import HEAD, log_head, log_leaves, log_nodes
from bot.storage.rows import insert_rows
from bot.storage.tables import events
from bot.storage.upserts import insert_or

_PLACES_AT_ONCE = 200

# Of those that write: a reader's lock says nothing of positions that are still to come.
_WRITERS = text(
    "SELECT DISTINCT virtualtransaction FROM pg_locks"
    " WHERE locktype = 'relation' AND relation = 'events'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND mode NOT IN ('AccessShareLock', 'RowShareLock')"
    " AND granted AND pid IS DISTINCT FROM pg_backend_pid()"  # one that is prepared has no pid
)
_HIGHEST = select(func.coalesce(func.max(events.c.position), 0))
_HEAD = select(log_head).where(log_head.c.id == HEAD)
_HELD = _HEAD.with_for_update(skip_locked=True)
_WAITED = _HEAD.with_for_update()
_HAS_LEAF = select(log_leaves.c.position).where(log_leaves.c.position == events.c.position)
_WITHOUT_LEAF = (
    select(
        *(events.c[name] for name in ("position", "stream_kind", "stream_id", "seq", "at")),
        *(events.c[name] for name in ("actor", "kind", "schema", "payload")),
    )
    .where(events.c.position > bindparam("settled"), ~_HAS_LEAF.exists())
    .order_by(events.c.position)
    .limit(bindparam("most"))
)
_MISSED = (
    select(events.c.position, events.c.stream_kind, events.c.stream_id, events.c.seq)
    .where(events.c.position <= bindparam("settled"), ~_HAS_LEAF.exists())
    .order_by(events.c.position)
    .limit(1)
)
_AS_COLUMNS = {
    "log_leaves": text(
        'INSERT INTO log_leaves ("index", position, salt, hash) SELECT * FROM unnest('
        "CAST(:index AS bigint[]), CAST(:position AS bigint[]),"
        " CAST(:salt AS text[]), CAST(:hash AS text[]))"
    ),
    "log_nodes": text(
        "INSERT INTO log_nodes (level, number, hash) SELECT * FROM unnest("
        "CAST(:level AS integer[]), CAST(:number AS bigint[]), CAST(:hash AS text[]))"
    ),
}
_CHANGE = update(log_head).where(log_head.c.id == HEAD)
_POSITION = select(events.c.position).where(
    events.c.stream_kind == bindparam("of_kind"),
    events.c.stream_id == bindparam("of_stream"),
    events.c.seq == bindparam("of_seq"),
)
_AT = select(events.c.position).where(events.c.position == bindparam("of_event"))
# A row has a method of the name `index`.
_LEAF_OF = select(log_leaves, log_leaves.c.index.label("number")).where(
    log_leaves.c.position == bindparam("of_event")
)
_LEAF_HASHES = select(log_leaves.c.index, log_leaves.c.hash).where(
    log_leaves.c.index.in_(bindparam("indexes", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Head:
    """The tree as it is: its size and the packed roots of its complete subtrees.

    `settled`, `seen` and `writers` say from where on events without a leaf are looked for.
    """

    size: int = 0
    frontier: bytes = b""
    settled: int = 0
    seen: int = 0
    writers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event's place in the log, with the random bytes that are in its leaf, and its hash."""

    index: int
    position: int
    salt: bytes
    hash: bytes


class EventRow(Protocol):
    """A row of `events`, as far as a leaf is made of it."""

    position: int
    stream_kind: str
    stream_id: str
    seq: int
    at: datetime
    actor: str
    kind: str
    schema: int
    payload: str


@dataclass(frozen=True, slots=True)
class Unlogged:
    """Events without a leaf, the lowest position first, and the head that is held meanwhile."""

    head: Head
    events: Sequence[EventRow]
    settled: int
    seen: int
    writers: frozenset[str]


def head(connection: Connection) -> Head:
    """The head as it stands."""
    row = connection.execute(_HEAD).first()
    return _head(row) if row else Head()


def is_behind(connection: Connection) -> bool:
    """Whether a look would find something to do."""
    return int(connection.execute(_HIGHEST).scalar_one()) > head(connection).settled


def behind_since(connection: Connection) -> datetime | None:
    """When the earliest event came that has no leaf yet; None where all have one."""
    asked = {"settled": head(connection).settled, "most": 1}
    row = connection.execute(_WITHOUT_LEAF, asked).first()
    return row.at if row else None


def missed(connection: Connection) -> str | None:
    """An event without a leaf where none is looked for any more, in words; None where none is.

    It asks for every event, so it is for those who examine the log.
    """
    row = connection.execute(_MISSED, {"settled": head(connection).settled}).first()
    return f"event {row.seq} of {row.stream_kind} {row.stream_id}" if row else None


def hold(connection: Connection, *, waits: bool = False) -> Head | None:
    """The head, whose row is held until the transaction's end; None where another one holds it.

    With `waits` it waits for the other one.
    """
    held = _WAITED if waits else _HELD
    row = connection.execute(held).first()
    if row is None and connection.execute(_HEAD).first() is None:
        first = insert_or(log_head, connection.dialect.name).values(_head_row(Head()))
        connection.execute(first.on_conflict_do_nothing())
        row = connection.execute(held).first()
    return _head(row) if row else None


def unlogged(connection: Connection, most: int) -> Unlogged | None:
    """At most so many events without a leaf; None where another transaction adds leaves.

    The head's row is held until the end of the transaction.
    """
    held = hold(connection)
    if held is None:
        return None
    # In this order: whoever has a position up to the highest and isn't done writes now, and what
    # has ended before the last question is seen by it.
    highest = int(connection.execute(_HIGHEST).scalar_one())
    writers = _writers(connection)
    found = connection.execute(_WITHOUT_LEAF, {"settled": held.settled, "most": most}).all()
    if not writers:
        settled, seen = highest, highest
    elif not held.writers & writers:
        settled, seen = held.seen, highest
    else:
        settled, seen, writers = held.settled, held.seen, held.writers
    if len(found) == most:  # there may be more, above these
        settled = max(held.settled, min(settled, found[-1].position))
    return Unlogged(held, found, settled, seen, writers)


def add(
    connection: Connection,
    taken: Unlogged,
    leaves: Sequence[Leaf],
    nodes: Sequence[tuple[tuple[int, int], bytes]],
    size: int,
    frontier: bytes,
) -> None:
    """Add leaves and the nodes ((level, number), hash) that are complete with them."""
    rows = [
        {
            "index": leaf.index,
            "position": leaf.position,
            "salt": leaf.salt.hex(),
            "hash": leaf.hash.hex(),
        }
        for leaf in leaves
    ]
    _insert(connection, log_leaves, rows)
    higher = [
        {"level": level, "number": number, "hash": digest.hex()}
        for (level, number), digest in nodes
        if level
    ]
    _insert(connection, log_nodes, higher)
    new = Head(size, frontier, taken.settled, taken.seen, taken.writers)
    if new != taken.head:
        connection.execute(_CHANGE, _head_row(new))


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; on PostgreSQL as columns, in one statement."""
    if connection.dialect.name == "sqlite" or not rows:
        insert_rows(connection, table, rows)
        return
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    connection.execute(_AS_COLUMNS[table.name], columns)


def leaf_of(connection: Connection, position: int) -> Leaf | None:
    """The leaf of the event at this position; None where it has none yet."""
    row = connection.execute(_LEAF_OF, {"of_event": position}).first()
    if row is None:
        return None
    return Leaf(row.number, row.position, bytes.fromhex(row.salt), bytes.fromhex(row.hash))


def position_of(connection: Connection, kind: str, stream_id: str, seq: int) -> int | None:
    """The position of a stream's event; None where there is none."""
    asked = {"of_kind": kind, "of_stream": stream_id, "of_seq": seq}
    return connection.execute(_POSITION, asked).scalar()


def has_event(connection: Connection, position: int) -> bool:
    """Whether there is an event at this position."""
    return connection.execute(_AT, {"of_event": position}).first() is not None


def stored(
    connection: Connection, places: Collection[tuple[int, int]]
) -> Mapping[tuple[int, int], bytes]:
    """The hashes of complete subtrees by (level, number), of those that there are."""
    found: dict[tuple[int, int], bytes] = {}
    wanted = list(dict.fromkeys(map(tuple, places)))
    for start in range(0, len(wanted), _PLACES_AT_ONCE):
        part = wanted[start : start + _PLACES_AT_ONCE]
        leaves = [number for level, number in part if level == 0]
        for index, digest in connection.execute(_LEAF_HASHES, {"indexes": leaves}):
            found[0, index] = bytes.fromhex(digest)
        c = log_nodes.c
        higher = [place for place in part if place[0]]
        question = select(c.level, c.number, c.hash).where(tuple_(c.level, c.number).in_(higher))
        for level, number, digest in connection.execute(question):
            found[level, number] = bytes.fromhex(digest)
    return found


def _writers(connection: Connection) -> frozenset[str]:
    if connection.dialect.name == "sqlite":
        return frozenset()
    return frozenset(connection.execute(_WRITERS).scalars())


def _head(row: Any) -> Head:  # noqa: ANN401 - a row
    writers = frozenset(json.loads(row.writers))
    return Head(row.size, bytes.fromhex(row.frontier), row.settled, row.seen, writers)


def _head_row(head: Head) -> dict[str, Any]:
    return {
        "id": HEAD,
        "size": head.size,
        "frontier": head.frontier.hex(),
        "settled": head.settled,
        "seen": head.seen,
        "writers": json.dumps(sorted(head.writers)),
    }

"""The proof that the log is the record's: every event has one leaf, and the tree is over those.

Rules
- Each leaf's hash is that of its event's bytes as they stand, the stored nodes are those of the
  leaves, and the head is the root's.
- What was committed a moment ago and has no leaf yet is wrong only where nobody is at work any
  more: whoever asks knows.
- One after another in the log's order: it holds one leaf at a time.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from bot.evidence.sequencer import leaf_of
from bot.evidence.tree import Frontier, Node, Place, leaf_hash
from bot.storage import log as rows
from bot.storage.log_tables import log_leaves, log_nodes
from bot.storage.tables import events

_STREAMED = {"yield_per": 500}
_NODES_AT_ONCE = 200
_LEAVES = (
    select(log_leaves.c.index.label("number"), log_leaves.c.salt, log_leaves.c.hash, events)
    .select_from(log_leaves.outerjoin(events, events.c.position == log_leaves.c.position))
    .order_by(log_leaves.c.index)
)
_WITHOUT = (
    select(events.c.position, events.c.stream_kind, events.c.stream_id, events.c.seq)
    .select_from(events.outerjoin(log_leaves, log_leaves.c.position == events.c.position))
    .where(log_leaves.c.position.is_(None))
    .order_by(events.c.position)
)


def wrong(connection: Connection) -> Iterator[str]:
    """What of the log isn't as the record gives it, each in words; nothing where all is sound."""
    frontier, complete, nodes = Frontier(), list[Node](), 0
    with connection.execute(_LEAVES, execution_options=_STREAMED) as leaves:
        for row in leaves:
            if row.number != frontier.size:
                yield f"leaf {frontier.size} of the log is missing"
                return
            if row.position is None:
                yield f"leaf {row.number} of the log has no event"
            elif leaf_hash(leaf_of(row, bytes.fromhex(row.salt)).data).hex() != row.hash:
                called = f"event {row.seq} of {row.stream_kind} {row.stream_id}"
                yield f"{called} is not what its leaf {row.number} was made of"
            frontier, new = frontier.append(bytes.fromhex(row.hash))
            complete += new
            nodes += len(new)
            if len(complete) >= _NODES_AT_ONCE:
                yield from _of_nodes(connection, complete)
                complete = []
    yield from _of_nodes(connection, complete)
    stored = connection.execute(select(func.count()).select_from(log_nodes)).scalar_one()
    if stored + frontier.size != nodes:
        yield f"the log has {stored} nodes above its leaves, and needs {nodes - frontier.size}"
    head = rows.head(connection)
    if (head.size, head.frontier) != (frontier.size, frontier.packed):
        yield f"the log's head is not that of its {frontier.size} leaves"
    for row in connection.execute(_WITHOUT):
        yield f"event {row.seq} of {row.stream_kind} {row.stream_id} has no leaf"


def _of_nodes(connection: Connection, complete: list[Node]) -> Iterator[str]:
    stored = rows.stored(connection, [node.place for node in complete])
    for node in complete:
        if stored.get(Place(*node.place)) != node.hash:
            level, position = node.place
            yield f"node {position} of level {level} of the log is not that of its leaves"

"""The sequencer: puts each event into the log, as the next leaf of its tree.

Rules
- One at a time, whichever process: it holds the row of the tree's head, and whoever comes second
  goes away. A leaf once put in never moves and never changes.
- It looks each second, and goes on at once while there is more: an event is in the tree within two
  seconds of its commit. It isn't woken: what came together is cheaper to put in together.
- What it does in one transaction others wait for, so that is a small batch. Nobody waits for a
  leaf: where the database is away, or locked, or the log's rows are damaged, it stays out of the
  way for a while.
"""

import asyncio
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from bot.engine.engine import Engine
from bot.engine.writer import Waits
from bot.evidence.leaf import Leaf
from bot.evidence.looking import keep_looking
from bot.evidence.tree import Frontier, Node, leaf_hash
from bot.storage import log as rows
from bot.storage.database import Database
from bot.storage.random_bytes import random_bytes

LOOK_EVERY_SECONDS = 1.0
AWAY_SECONDS = 10.0
AT_ONCE = 256  # of some 30 µs each
AT_ONCE_ALONE = 2000  # where nobody else writes


class Taken(NamedTuple):
    """How many events became leaves, and whether there may be more."""

    leaves: int
    more: bool


async def follow_log(engine: Engine) -> None:
    """Put in what there is until it is cancelled."""
    await keep_looking("sequencer", partial(look, engine), LOOK_EVERY_SECONDS, AWAY_SECONDS)


async def look(engine: Engine) -> int:
    """Put in everything that is committed, unless another process does; gives how much it was."""
    leaves = 0
    if not await asyncio.to_thread(engine.store.ask, rows.is_behind):
        return leaves
    more = True
    while more:
        taken = await engine.write(lambda order: take_in(order.connection, AT_ONCE), Waits.LATER)
        leaves, more = leaves + taken.leaves, taken.more
    return leaves


def take_in_all(database: Database) -> int:
    """The same where there is no engine: a transaction a batch. Raises what SQLAlchemy raises."""
    leaves, more = 0, True
    with database.read.connect() as connection:
        if not rows.is_behind(connection):
            return leaves
    while more:
        with database.write.begin() as connection:
            taken = take_in(connection, AT_ONCE_ALONE)
        leaves, more = leaves + taken.leaves, taken.more
    return leaves


def take_in(connection: Connection, most: int) -> Taken:
    """Make leaves of at most so many events, within a transaction; none where another one does."""
    unlogged = rows.unlogged(connection, most)
    if unlogged is None:
        return Taken(0, more=False)
    frontier = Frontier.read(unlogged.head.size, unlogged.head.frontier)
    leaves: list[rows.Leaf] = []
    nodes: list[Node] = []
    for event in unlogged.events:
        salt = random_bytes()
        digest = leaf_hash(leaf_of(event, salt).data)
        leaves.append(rows.Leaf(frontier.size, event.position, salt, digest))
        frontier, complete = frontier.append(digest)
        nodes += complete
    rows.add(connection, unlogged, leaves, nodes, frontier.size, frontier.packed)
    return Taken(len(leaves), more=len(leaves) == most)


def leaf_of(event: rows.EventRow, salt: bytes) -> Leaf:
    """The leaf that a row of `events` is, with its own random bytes."""
    return Leaf(
        stream_kind=event.stream_kind,
        stream_id=event.stream_id,
        seq=event.seq,
        at=event.at,
        kind=event.kind,
        schema=event.schema,
        actor=event.actor,
        payload=event.payload,
        salt=salt.hex(),
    )

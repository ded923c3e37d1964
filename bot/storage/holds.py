"""Which legal holds there are; they are few, and read from their events."""

from functools import reduce
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, select

from bot.domain.hold import HOLD, IN_FORCE, Hold
from bot.storage import tables as t
from bot.storage.records import read_stream

_c = t.events.c
_EVENTS = select(t.events).where(_c.stream_kind == HOLD.kind).order_by(_c.stream_id, _c.seq)


def holds(connection: Connection) -> list[Hold]:
    """All that were ever placed, the oldest first."""
    found: list[Hold] = []
    for _, rows in groupby(connection.execute(_EVENTS).all(), key=attrgetter("stream_id")):
        hold: Hold | None = reduce(HOLD.evolve, read_stream(HOLD, rows), None)
        found += [hold] if hold else []
    return sorted(found, key=lambda hold: (hold.at, hold.id))


def in_force(connection: Connection) -> list[Hold]:
    """Those that hold something now."""
    return [hold for hold in holds(connection) if hold.state == IN_FORCE]

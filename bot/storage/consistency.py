"""The proof that the record is the truth: the events of each stream that has a row give that row.

Rules
- Rooms first, then follow-ups, then exceptions; what is decided under a policy has it on record.
  What exceptions cover is found by the keys that their events give, and by no others. Rooms are
  found by the people whom they ask.
- One after another, in one read for each kind: it holds one at a time.
- A stream in which a newer version wrote what this one doesn't know can't be proved here, and is
  said to be so.
"""

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.aggregate import Aggregate, Unknown
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.lifecycle import WAR_ROOM
from bot.storage import tables as t
from bot.storage.people_sets import wrong_sets
from bot.storage.records import read_stream
from bot.storage.rows import VIEWS

_STREAMED = {"yield_per": 500}
_COVERS = select(t.exception_covers).order_by(t.exception_covers.c.exception_id)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of stream, what one is called, and columns that say what its document says too.

    `derived` are those that are found by what follows from it.
    """

    aggregate: Aggregate[Any, Any, Any]
    word: str
    columns: tuple[str, ...]
    derived: tuple[str, ...] = ()


_KINDS = (
    _Kind(
        WAR_ROOM,
        "room",
        ("id", "version", "state", "expires_at", "channel"),
        ("initiators_id", "holders_id"),
    ),
    _Kind(FOLLOW_UP, "follow-up", ("id", "version", "state", "until", "owner")),
    _Kind(
        EXCEPTION,
        "exception",
        ("id", "version", "state", "until", "owner", "severity"),
        ("debt_until",),
    ),
)
PROVED_TABLES = tuple(VIEWS[kind.aggregate.kind].table.name for kind in _KINDS)


def differences(connection: Connection) -> Generator[str | None]:
    """For each row None, or in what it is not what its events give."""
    policies = frozenset(connection.execute(select(t.documents.c.digest)).scalars())
    for kind in _KINDS:
        yield from _of_kind(connection, kind, policies)
    yield from _of_covers(connection)
    yield from wrong_sets(connection)


def _of_kind(
    connection: Connection, kind: _Kind, policies: Collection[str]
) -> Generator[str | None]:
    table = VIEWS[kind.aggregate.kind].table
    names = (*kind.columns, *kind.derived, "document")
    of_rows = select(*(table.c[name] for name in names)).order_by(table.c.id)
    of_events = (
        select(t.events)
        .where(t.events.c.stream_kind == kind.aggregate.kind)
        .order_by(t.events.c.stream_id, t.events.c.seq)
    )
    with (
        connection.execute(of_rows, execution_options=_STREAMED) as rows,
        connection.execute(of_events, execution_options=_STREAMED) as events,
    ):
        records = groupby(events, key=attrgetter("stream_id"))
        stream_id, record = next(records, (None, iter(())))
        for row in rows:
            if stream_id != row.id:
                yield f"{kind.word} {row.id} has no events"
                continue
            yield _difference(kind, row, list(record), policies)
            stream_id, record = next(records, (None, iter(())))


def _difference(
    kind: _Kind,
    row: Any,  # noqa: ANN401 - a row of a table
    rows: list[Any],
    policies: Collection[str],
) -> str | None:
    called = f"{kind.word} {row.id}"
    try:
        record = list(read_stream(kind.aggregate, rows))
        unknown = [each.event.kind for each in record if isinstance(each.event, Unknown)]
        if unknown:
            return f"{called}: {unknown[0]} is an event of a newer version"
        given = reduce(kind.aggregate.evolve, record, None)
        says = VIEWS[kind.aggregate.kind].read(row.document)
    except ValueError as error:
        return f"{called} can't be read: {str(error).splitlines()[0]}"
    if any(getattr(says, name) != getattr(row, name) for name in kind.columns):
        return f"{called}: its columns are not those of its document"
    if kind.derived:
        follows = VIEWS[kind.aggregate.kind].row(says)
        if any(follows[name] != getattr(row, name) for name in kind.derived):
            return f"{called}: its columns are not what follows from its document"
    if (digest := kind.aggregate.rules(says)) and digest not in policies:
        return f"{called}: its policy {digest} is not on record"
    fields = type(says).model_fields
    differ = [name for name in fields if getattr(given, name) != getattr(says, name)]
    return f"{called}: its events give another {', '.join(differ)}" if differ else None


def _of_covers(connection: Connection) -> Iterator[str]:
    of_rows = select(t.exceptions.c.id, t.exceptions.c.document).order_by(t.exceptions.c.id)
    with (
        connection.execute(of_rows, execution_options=_STREAMED) as rows,
        connection.execute(_COVERS, execution_options=_STREAMED) as covers,
    ):
        found = groupby(covers, key=attrgetter("exception_id"))
        exception_id, keys = next(found, (None, iter(())))
        for row in rows:
            given = {cover.key for cover in VIEWS[EXCEPTION.kind].read(row.document).covers}
            there = {each.key for each in keys} if exception_id == row.id else set()
            if given != there:
                yield f"exception {row.id} is found by other keys than it covers"
            if exception_id == row.id:
                exception_id, keys = next(found, (None, iter(())))

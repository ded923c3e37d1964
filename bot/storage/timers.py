"""Timers as rows: what streams wait for, written where it has changed.

Rules
- Most steps move no timer. What is there is read for all streams of a kind at once, and only those
  whose timers differ from it are written: to write all of them anew, and to wake the clock for it,
  was a fifteenth of what a violation costs on PostgreSQL.
- A stream's timers with other names are a newer version's: they are neither read nor touched.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Select, bindparam, delete, or_, select

from bot.domain.aggregate import Timer
from bot.storage import tables as t
from bot.storage.rows import insert_rows

_c = t.timers.c
_OF_KIND = _c.stream_kind == bindparam("of_kind")


def write_timers(
    connection: Connection,
    kind: str,
    names: frozenset[str],
    wanted: Mapping[str, tuple[Timer, ...]],
    older: Collection[str],
) -> list[Timer]:
    """Have the streams of a kind wait for what is wanted, by their ids; gives what is new of it.

    `names` are all that timers of this kind may have. `older` are the streams that may have some.
    """
    there = _there(connection, kind, names, older) if names and older else {}
    moved = {each: due for each, due in wanted.items() if there.get(each, set()) != set(due)}
    if old := [{"of_kind": kind, "of_stream": each} for each in moved if each in there]:
        connection.execute(_forget(names), old)
    rows = [
        {"stream_kind": kind, "stream_id": each, "name": timer.name, "due_at": timer.due_at}
        for each, due in moved.items()
        for timer in due
    ]
    insert_rows(connection, t.timers, rows)
    return [timer for due in moved.values() for timer in due]


def _there(
    connection: Connection, kind: str, names: frozenset[str], ids: Collection[str]
) -> dict[str, set[Timer]]:
    found = defaultdict[str, set[Timer]](set)
    asked: dict[str, Any] = {"of_kind": kind, "of_streams": sorted(ids)}
    for row in connection.execute(_waited_for(names), asked):
        found[row.stream_id].add(Timer(row.name, row.due_at))
    return found


@cache
def _waited_for(names: frozenset[str]) -> Select[Any]:
    several = _c.stream_id.in_(bindparam("of_streams", expanding=True))
    return select(_c.stream_id, _c.name, _c.due_at).where(_OF_KIND, several, _named(names))


@cache
def _forget(names: frozenset[str]) -> Delete:
    one = _c.stream_id == bindparam("of_stream")
    return delete(t.timers).where(_OF_KIND, one, _named(names))


def _named(names: frozenset[str]) -> ColumnElement[bool]:
    return or_(*(_c.name == name for name in sorted(names)))  # one statement for many streams

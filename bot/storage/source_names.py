"""Names that sources report: which patterns took one, and what was ignored since none did.

Rules
- Of what was ignored only the newest `NAMES_KEPT` of a source are kept by their names; how often
  the others came stays counted, in a row without a name. No sum ever falls.
- Nothing here is personal: it is what checks are called.
- What a transaction has seen is written at its end in one order, so that writers can't wait for
  each other in a circle.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.storage import tables as t
from bot.storage.rows import insert_rows
from bot.storage.upserts import insert_or

UNMAPPED = "unmapped"  # why: the one reason for which a failure is ignored
IGNORED, PATTERN = "ignored", "pattern"
OTHERS = ""  # the name in the row of all that are not kept by name
NAMES_KEPT = 100
NAME_MOST = 200
_c = t.source_names.c
_OF_SOURCE = and_(_c.source == bindparam("of_source"), _c.kind == IGNORED, _c.name != OTHERS)
_TOO_MANY = (
    select(_c.name).where(_OF_SOURCE).order_by(_c.last_at.desc(), _c.name).offset(NAMES_KEPT)
)
_FORGET = (
    delete(t.source_names).where(_OF_SOURCE, _c.name == bindparam("of_name")).returning(_c.times)
)
_PATTERNS = select(_c.source, _c.name).where(_c.kind == PATTERN)
_FORGET_PATTERN = delete(t.source_names).where(
    _c.source == bindparam("of_source"), _c.kind == PATTERN, _c.name == bindparam("of_name")
)


@cache
def _count(dialect: str) -> ReturningInsert[Any]:
    """A name's first row, or its times added to those of the row that there is."""
    row = insert_or(t.source_names, dialect)
    added = {"times": _c.times + row.excluded.times, "last_at": row.excluded.last_at}
    key = [_c.source, _c.kind, _c.name]
    return row.on_conflict_do_update(index_elements=key, set_=added).returning(_c.times)


@dataclass(frozen=True, slots=True)
class SeenName:
    """A name, or a pattern of names: since when, until when and how often it came.

    `last_at` is None for a pattern that has taken no name yet.
    """

    source: str
    name: str
    first_at: datetime
    last_at: datetime | None
    times: int


@dataclass
class SourceNames:
    """The names that came within one transaction."""

    connection: Connection
    now: datetime
    _ignored: Counter[tuple[str, str]] = field(default_factory=Counter)
    _taken: Counter[tuple[str, str]] = field(default_factory=Counter)

    def ignored(self, source: str, name: str) -> None:
        """A failure was ignored that no pattern takes."""
        self._ignored[source, name[:NAME_MOST].strip() or "(no name)"] += 1

    def taken(self, source: str, pattern: str) -> None:
        """A pattern has taken a name."""
        self._taken[source, pattern] += 1

    def configure(self, patterns: Mapping[str, tuple[str, ...]]) -> None:
        """These are the patterns of each source from now on; how long each has been, is kept."""
        wanted = {(source, name) for source, names in patterns.items() for name in names}
        known = {tuple(row) for row in self.connection.execute(_PATTERNS)}
        for source, name in sorted(known - wanted):
            gone = {"of_source": source, "of_name": name}
            self.connection.execute(_FORGET_PATTERN, gone)
        insert_rows(
            self.connection,
            t.source_names,
            [self._row(*each, PATTERN, 0) | {"last_at": None} for each in sorted(wanted - known)],
        )

    def flush(self) -> None:
        """Write what came."""
        for (source, pattern), count in sorted(self._taken.items()):
            self._count(source, pattern, PATTERN, count)
        crowded = set[str]()
        for (source, name), count in sorted(self._ignored.items()):
            if self._count(source, name, IGNORED, count) == count:
                crowded.add(source)  # a new name may be one too many
        for source in sorted(crowded):
            self._forget_oldest(source)

    def _forget_oldest(self, source: str) -> None:
        too_many = self.connection.execute(_TOO_MANY, {"of_source": source}).scalars().all()
        for name in sorted(too_many):
            gone = self.connection.execute(_FORGET, {"of_source": source, "of_name": name}).first()
            if gone:  # by us, and not by another process meanwhile
                self._count(source, OTHERS, IGNORED, gone.times)

    def _count(self, source: str, name: str, kind: str, count: int) -> int:
        """Add to the times that a name came; gives all of them."""
        row = self._row(source, name, kind, count)
        question = _count(self.connection.dialect.name)
        return int(self.connection.execute(question, row).scalar_one())

    def _row(self, source: str, name: str, kind: str, count: int) -> dict[str, Any]:
        row = {"source": source, "kind": kind, "name": name, "times": count}
        return row | {"first_at": self.now, "last_at": self.now}


def ignored_since(connection: Connection, since: datetime) -> list[SeenName]:
    """What was ignored by name since then, the newest first."""
    question = (
        select(t.source_names)
        .where(_c.kind == IGNORED, _c.name != OTHERS, _c.last_at >= since)
        .order_by(_c.last_at.desc(), _c.source, _c.name)
    )
    return _seen(connection, question)


def patterns_untaken_since(connection: Connection, since: datetime) -> list[SeenName]:
    """The patterns that there have been since before then, and that have taken no name since."""
    last = func.coalesce(_c.last_at, _c.first_at)
    question = (
        select(t.source_names).where(_c.kind == PATTERN, last < since).order_by(_c.source, _c.name)
    )
    return _seen(connection, question)


def ignored_count(connection: Connection) -> dict[str, int]:
    """How often each source had a failure that was ignored, since the beginning."""
    question = select(_c.source, func.sum(_c.times)).where(_c.kind == IGNORED).group_by(_c.source)
    return {source: int(count) for source, count in connection.execute(question)}


def _seen(connection: Connection, question: Select[Any]) -> list[SeenName]:
    rows = connection.execute(question)
    return [SeenName(row.source, row.name, row.first_at, row.last_at, row.times) for row in rows]

"""When each import of people was tried, and what came of it.

Rules
- Of several processes one does an import: a claim moves its row's `next_at` ahead, and whoever
  changes no row has none. What a crash leaves behind is due again by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from bot.storage import tables as t
from bot.storage.upserts import insert_or

EVERY = timedelta(hours=1)
AFTER_FAILURE = timedelta(minutes=5)
START_GAP = timedelta(minutes=1)  # so long whoever starts leaves it to who has just tried

_c = t.imports.c
_CLAIM = (
    update(t.imports)
    .where(
        _c.source == bindparam("of_source"),
        or_(_c.next_at <= bindparam("now"), _c.tried_at <= bindparam("before")),
    )
    .values(next_at=bindparam("next"), tried_at=bindparam("now"))
)
_STATUS = select(t.imports).where(_c.source.in_(bindparam("sources", expanding=True)))


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """What became of an import; without an `error` the last attempt has succeeded."""

    source: str
    next_at: datetime
    succeeded_at: datetime | None
    people: int | None
    error: str | None


def claim(connection: Connection, source: str, now: datetime, *, starting: bool) -> bool:
    """Whether the import is this process's: it is due, and nobody else has it.

    Whoever is `starting` takes one, too, that was not tried just now.
    """
    row = {"source": source, "next_at": now, "tried_at": now - START_GAP}
    connection.execute(insert_or(t.imports, connection.dialect.name).on_conflict_do_nothing(), row)
    before = now - START_GAP if starting else now - EVERY
    asked = {"of_source": source, "now": now, "before": before, "next": now + EVERY}
    return connection.execute(_CLAIM, asked).rowcount == 1


def succeeded(connection: Connection, source: str, now: datetime, people: int) -> None:
    """An import has given this many people."""
    _record(
        connection, source, now, {"succeeded_at": now, "people": people, "error": None}, now + EVERY
    )


def failed(connection: Connection, source: str, now: datetime, error: str) -> None:
    """An import has given nothing that can be used, for this reason."""
    _record(connection, source, now, {"error": error}, now + AFTER_FAILURE)


def statuses(connection: Connection, sources: Iterable[str]) -> dict[str, ImportStatus]:
    """What became of these imports, by source; those that were never tried are not in it."""
    rows = connection.execute(_STATUS, {"sources": list(sources)})
    return {
        row.source: ImportStatus(row.source, row.next_at, row.succeeded_at, row.people, row.error)
        for row in rows
    }


def _record(
    connection: Connection, source: str, now: datetime, result: dict[str, Any], next_at: datetime
) -> None:
    row = {"source": source, "next_at": next_at, "tried_at": now, **result}
    changed = {name: value for name, value in row.items() if name != "source"}
    insert = insert_or(t.imports, connection.dialect.name).values(row)
    connection.execute(insert.on_conflict_do_update(index_elements=["source"], set_=changed))

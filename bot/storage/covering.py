"""Exceptions and what they cover, within a transaction.

Rules
- By the keys of a whole batch it is asked at once which exceptions may cover something.
- What one order of the batch has done the later ones see: an exception that was granted covers, and
  one that was revoked doesn't.
- Who covers what is written at the grant and stays: an exception's own row says whether it holds.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.exception import PolicyException
from bot.domain.violation import Violation
from bot.storage import tables as t
from bot.storage.rows import insert_rows

_COVERING = (
    select(t.exception_covers.c.key, t.exceptions.c.id)
    .join(t.exceptions, t.exceptions.c.id == t.exception_covers.c.exception_id)
    .where(
        t.exception_covers.c.key.in_(bindparam("keys", expanding=True)),
        t.exceptions.c.state == t.ACTIVE,
        t.exceptions.c.until > bindparam("now"),
    )
)

_HELD = (
    select(t.violations.c.document)
    .join(t.answers, t.answers.c.violation_id == t.violations.c.id)
    .where(t.answers.c.room_id == bindparam("room"))
)


_WHOLE = select(t.violations.c.document).where(t.violations.c.id == bindparam("id"))


@dataclass
class Covering:
    """What the exceptions of one transaction cover; `stored` gives one as it stands in it."""

    connection: Connection
    now: datetime
    stored: Callable[[str], PolicyException | None]
    _known: dict[str, set[str]] = field(default_factory=dict)
    _granted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _covers: list[dict[str, Any]] = field(default_factory=list)

    def expect(self, keys: Iterable[str]) -> None:
        """Read what a whole batch of violations will ask for, by their keys (see `scope`)."""
        asked = set(keys) - self._known.keys()
        if not asked:
            return
        self._known |= {key: set() for key in asked}
        arguments = {"keys": sorted(asked), "now": self.now}
        for key, exception_id in self.connection.execute(_COVERING, arguments):
            self._known[key].add(exception_id)

    def covering(self, keys: Collection[str]) -> list[PolicyException]:
        """The active exceptions that cover one of these keys, the longest first."""
        self.expect(keys)
        ids = {each for key in keys for each in (*self._known[key], *self._granted[key])}
        found = (self.stored(exception_id) for exception_id in sorted(ids))
        active = [each for each in found if each and each.is_active(self.now)]
        return sorted(active, key=lambda each: (each.until, each.id), reverse=True)

    def held_by(self, room_id: str) -> Iterator[Violation]:
        """The violations of a room whole, as far as they are in their table by now; in no order."""
        asked = {"room": room_id}
        documents = self.connection.execute(_HELD, asked, execution_options={"yield_per": 50})
        return (Violation.read(document) for document in documents.scalars())

    def whole(self, violation: Violation) -> Violation:
        """The same with its facts, as it is in its table."""
        document = self.connection.execute(_WHOLE, {"id": violation.id}).scalar()
        return Violation.read(document) if document else violation

    def granted(self, exception: PolicyException) -> None:
        """An exception was granted in this transaction."""
        for key in sorted({cover.key for cover in exception.covers}):
            self._granted[key].add(exception.id)
            self._covers.append({"key": key, "exception_id": exception.id})

    def flush(self) -> None:
        """Write what is covered from now on."""
        insert_rows(self.connection, t.exception_covers, self._covers)

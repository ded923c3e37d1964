"""Who waits at the gate: when a verdict was asked for last, by the violation that it is asked on.

Rules
- It is a hint for people, and decides nothing: a row is written now and then while somebody waits.
- What a transaction was asked is written at its end in one order, so that writers can't wait for
  each other in a circle.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.violation import Violation
from bot.storage import tables as t
from bot.storage.upserts import insert_or

_q = t.gate_questions.c


@cache
def _ask(dialect: str) -> Any:  # noqa: ANN401 - one class a dialect
    row = insert_or(t.gate_questions, dialect)
    later = {"asked_at": row.excluded.asked_at}
    return row.on_conflict_do_update(index_elements=[_q.violation_id], set_=later)


_WAITING = (
    select(t.violations.c.document)
    .join(t.gate_questions, _q.violation_id == t.violations.c.id)
    .join(t.answers, t.answers.c.violation_id == t.violations.c.id)
    .where(t.answers.c.room_id == bindparam("room"), _q.asked_at >= bindparam("since"))
    .order_by(_q.asked_at.desc(), t.violations.c.id)
    .limit(bindparam("most"))
)


@dataclass
class GateQuestions:
    """What was asked within one transaction."""

    connection: Connection
    _asked: dict[str, datetime] = field(default_factory=dict)

    def asked(self, violation_id: str, at: datetime) -> None:
        """Somebody waits for the verdict on this violation."""
        self._asked[violation_id] = at

    def flush(self) -> None:
        """Write it."""
        rows = [{"violation_id": each, "asked_at": at} for each, at in sorted(self._asked.items())]
        self.connection.execute(_ask(self.connection.dialect.name), rows)


def waiting(connection: Connection, room_id: str, since: datetime, most: int) -> list[Violation]:
    """The violations of a room whose verdict was asked for since then, the latest first."""
    asked = {"room": room_id, "since": since, "most": most}
    documents = connection.execute(_WAITING, asked).scalars()
    return [Violation.read(document) for document in documents]

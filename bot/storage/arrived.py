"""Recorded violations with what each policy answered as they came in, in the order of time.

Rules
- Which there are is asked once, by their ids; then some are read at a time: there may be a hundred
  thousand, and the facts of one may take 240 KB.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from bot.domain.exception import ExceptionState
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.arrivals import AnswerRow
from bot.storage.store import Store

AT_ONCE = 200

_v, _a = t.violations.c, t.answers.c
_VIOLATIONS = (
    select(_v.id, _v.document)
    .where(_v.id.in_(bindparam("ids", expanding=True)))
    .order_by(_v.received_at, _v.id)
)
_ANSWERS = (
    select(_a.violation_id, _a.policy_id, _a.kind, _a.room_id)
    .where(_a.violation_id.in_(bindparam("ids", expanding=True)))
    .order_by(_a.policy_id)
)
_REVOKED = select(t.exceptions.c.id).where(
    t.exceptions.c.id.in_(bindparam("ids", expanding=True)),
    t.exceptions.c.state == ExceptionState.REVOKED.value,
)
_ROOMS = select(t.rooms.c.id, t.rooms.c.document).where(
    t.rooms.c.id.in_(bindparam("ids", expanding=True))
)


class Arrived(NamedTuple):
    """A violation, and what it got from each policy; `rooms` are those among them, by their ids.

    `revoked` are the rooms whose decision was taken back: the exception that it had made.
    """

    violation: Violation
    answers: tuple[AnswerRow, ...]
    rooms: Mapping[str, WarRoom]
    revoked: Collection[str] = frozenset()


def arrived_since(store: Store, since: datetime | None) -> list[str]:
    """The ids of all violations that were received since then, the first one first."""
    question = select(_v.id).order_by(_v.received_at, _v.id)
    if since:
        question = question.where(_v.received_at >= since)
    return store.ask(lambda connection: list(connection.execute(question).scalars()))


def arrived(store: Store, ids: Sequence[str]) -> Iterator[Arrived]:
    """These violations, in the order of time, each with its answers and rooms as they are now."""
    for start in range(0, len(ids), AT_ONCE):
        part = list(ids[start : start + AT_ONCE])
        yield from store.ask(partial(_read, ids=part))


def _read(connection: Connection, ids: Sequence[str]) -> list[Arrived]:
    answers: dict[str, list[AnswerRow]] = {}
    for violation_id, *answer in connection.execute(_ANSWERS, {"ids": ids}):
        answers.setdefault(violation_id, []).append(AnswerRow(*answer))
    in_rooms = {row.room_id for rows in answers.values() for row in rows if row.room_id}
    rooms = {
        room_id: WarRoom.read(document)
        for room_id, document in connection.execute(_ROOMS, {"ids": sorted(in_rooms)})
    }
    revoked = set(connection.execute(_REVOKED, {"ids": sorted(in_rooms)}).scalars())
    return [
        Arrived(
            Violation.read(document),
            tuple(answers.get(violation_id, ())),
            {
                row.room_id: rooms[row.room_id]
                for row in answers.get(violation_id, ())
                if row.room_id
            },
            revoked,
        )
        for violation_id, document in connection.execute(_VIOLATIONS, {"ids": ids})
    ]

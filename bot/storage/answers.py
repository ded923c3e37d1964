"""The answers of a violation, as they stand in the database."""

from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.answers import Answered
from bot.domain.clearance import CLEARANCE, Clearance, stream_id
from bot.domain.exception import PolicyException
from bot.domain.terms import Basis
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.records import read_stream

_a, _e = t.answers.c, t.events.c
_ANSWERS = (
    select(
        *(_a.policy_id, _a.kind),
        t.rooms.c.document.label("room"),
        t.exceptions.c.document.label("exception"),
    )
    .select_from(t.violations)
    .outerjoin(t.answers, _a.violation_id == t.violations.c.id)
    .outerjoin(t.rooms, t.rooms.c.id == _a.room_id)
    .outerjoin(t.exceptions, t.exceptions.c.id == _a.exception_id)
    .where(t.violations.c.id == bindparam("violation"))
    .order_by(_a.policy_id)
)
_BASES = select(_a.policy_id, _a.basis).where(
    _a.violation_id == bindparam("violation"), _a.basis.is_not(None)
)
_DECIDING = (
    select(t.rooms.c.id, t.rooms.c.decided_at.is_not(None))
    .select_from(t.violations)
    .outerjoin(t.answers, _a.violation_id == t.violations.c.id)
    .outerjoin(t.rooms, t.rooms.c.id == _a.room_id)
    .where(t.violations.c.id == bindparam("violation"))
)
_CLEARED = select(t.events).where(
    _e.stream_kind == CLEARANCE.kind, _e.stream_id == bindparam("clearance")
)


def answers_to(connection: Connection, violation_id: str) -> tuple[Answered, ...] | None:
    """What each policy has answered to a violation; None where there is no such violation."""
    rows = connection.execute(_ANSWERS, {"violation": violation_id}).all()
    if not rows:
        return None
    return tuple(_read(connection, violation_id, row) for row in rows if row.policy_id)


def own_bases(connection: Connection, violation_id: str) -> dict[str, Basis]:
    """What the rooms of a violation rest on for it alone, whatever else is in them; by policy."""
    rows = connection.execute(_BASES, {"violation": violation_id})
    return {policy_id: Basis.read(document) for policy_id, document in rows}


def deciding(connection: Connection, violation_id: str) -> dict[str, bool] | None:
    """The rooms that a violation is in, and whether each is decided; None as above."""
    rows = connection.execute(_DECIDING, {"violation": violation_id}).all()
    return {room: bool(decided) for room, decided in rows if room} if rows else None


def _read(connection: Connection, violation_id: str, row: Any) -> Answered:  # noqa: ANN401 - a row
    if row.kind == t.ROOM and row.room:
        return Answered(row.policy_id, room=WarRoom.read(row.room))
    if row.kind == t.WAIVED and row.exception:
        return Answered(row.policy_id, exception=PolicyException.read(row.exception))
    if row.kind == t.RULE:
        cleared = _clearance(connection, stream_id(violation_id, row.policy_id))
        return Answered(row.policy_id, clearance=cleared)
    return Answered(row.policy_id)


def _clearance(connection: Connection, clearance_id: str) -> Clearance | None:
    rows = connection.execute(_CLEARED, {"clearance": clearance_id}).all()
    state = None
    for recorded in read_stream(CLEARANCE, rows):
        state = CLEARANCE.evolve(state, recorded)
    return state

"""How long violations waited, for the measures: of each kind together, and read from two indexes.

Rules
- Microseconds from the detection on; what was measured before it is negative.
- What was decided after `now` is not decided yet, and has waited until now.
- Over all rooms, nothing is read of one but its entry in `ix_rooms_measured`: its document is
  large, and there may be a hundred thousand. The entries are in the order of the groups.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from bot.storage import tables as t
from bot.storage.utc_microseconds import UtcMicroseconds

_r, _a = t.rooms.c, t.answers.c


class _every(GenericFunction[list[Any]]):  # noqa: N801 - a function of SQL
    """The values of a group's rows, all of them in the rows' order."""

    type = JSON()
    inherit_cache = True


@compiles(_every, "sqlite")
def _every_in_sqlite(element: _every, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401 - SQLAlchemy's signature
    return f"json_group_array{compiler.process(element.clause_expr, **given)}"


@compiles(_every, "postgresql")
def _every_in_postgresql(element: _every, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401 - SQLAlchemy's signature
    return f"json_agg{compiler.process(element.clause_expr, **given)}"


@dataclass(frozen=True, slots=True)
class Waits:
    """Violations of one policy, team and severity that had one outcome, or are open (None).

    Until the end, or so far; until somebody acknowledged the room; until the first response: in
    microseconds, one entry a violation and in one order. None: not at all.
    """

    policy_id: str
    team: str | None
    severity: str
    outcome: str | None
    ends: Sequence[int]
    acknowledged: Sequence[int | None]
    first_responses: Sequence[int | None]


def waits(
    connection: Connection,
    now: datetime,
    since: datetime | None = None,
    policies: Collection[str] | None = None,
    team: str | None = None,
) -> list[Waits]:
    """Every violation detected since then, of these policies and that team where they are given.

    What has one kind may come in several parts.
    """
    wanted: list[ColumnElement[bool]] = []
    if since is not None:
        wanted.append(_a.detected_at >= since)
    if policies is not None:
        wanted.append(_r.policy_id.in_(policies))
    if team is not None:
        wanted.append(_r.team == team)
    settled = _question(_r.outcome, _r.decided_at)
    waiting = _question(null(), literal(now, UtcMicroseconds()))
    question = union_all(
        settled.where(_r.decided_at <= now, *wanted),
        waiting.where(or_(_r.decided_at.is_(None), _r.decided_at > now), *wanted),
    )
    return [Waits(*row) for row in connection.execute(question)]


def _question(outcome: ColumnElement[Any], end: ColumnElement[Any]) -> Select[Any]:
    times = [_every(at - _a.detected_at) for at in (end, _r.acknowledged_at, _r.first_response_at)]
    return (
        select(_r.policy_id, _r.team, _r.severity, outcome.label("outcome"), *times)
        .join_from(t.rooms, t.answers, _a.room_id == _r.id)
        .group_by(_r.state, _r.policy_id, _r.outcome, _r.team, _r.severity)
    )

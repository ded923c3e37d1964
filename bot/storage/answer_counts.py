"""How many answers policies gave, of each kind and by which rule.

Rules
- Nothing is read of an answer but its entry in `ix_answers_counted`, which is in the order of the
  groups: there may be a hundred thousand.
- Whose team a violation is of stands in its document where it has no room: documents are read only
  where that is asked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from bot.storage import tables as t

_a, _v = t.answers.c, t.violations.c


class _team_in(GenericFunction[str]):  # noqa: N801 - a function of SQL
    """The team that a violation's document names."""

    type = Text()
    inherit_cache = True


@compiles(_team_in, "sqlite")
def _team_in_sqlite(element: _team_in, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401 - SQLAlchemy's signature
    return f"json_extract({compiler.process(element.clauses, **given)}, '$.report.team')"


@compiles(_team_in, "postgresql")
def _team_in_postgresql(element: _team_in, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401 - SQLAlchemy's signature
    document = compiler.process(element.clauses, **given)
    return f"json_extract_path_text(CAST({document} AS json), 'report', 'team')"


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """So many answers of one policy and kind; of those by a rule or a band, by which."""

    policy_id: str
    kind: str
    rule: str | None
    count: int


def answer_counts(connection: Connection) -> list[AnswerCount]:
    """All answers there ever were, counted."""
    return _read(connection, _counted())


def counts_without_room(
    connection: Connection,
    since: datetime | None = None,
    policies: Collection[str] | None = None,
    team: str | None = None,
) -> list[AnswerCount]:
    """The answers for which nobody was asked, to violations detected since then.

    Of these policies, and to violations of that team, where they are given.
    """
    question = _counted().where(_a.kind != t.ROOM)
    if since is not None:
        question = question.where(_a.detected_at >= since)
    if policies is not None:
        question = question.where(_a.policy_id.in_(policies))
    if team is not None:
        question = question.join(t.violations, _v.id == _a.violation_id)
        question = question.where(_team_in(_v.document) == team)
    return _read(connection, question)


def _counted() -> Select[Any]:
    groups = (_a.policy_id, _a.kind, _a.rule)
    return select(*groups, func.count()).select_from(t.answers).group_by(*groups)


def _read(connection: Connection, question: Select[Any]) -> list[AnswerCount]:
    return [AnswerCount(*row) for row in connection.execute(question)]

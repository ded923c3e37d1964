"""What governance owes, as the database has it: added up there, since it may be a hundred thousand.

Rules
- Sums are by team, policy and severity; ages in microseconds, none below 0.
- Of an open room, or of an exception that is debt, documents are read for titles alone, and only of
  those that are listed: the heaviest, and what ended last.
- An exception is debt until `debt_until`: that is its end, or when it was revoked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)

from bot.domain.contents import title_of
from bot.storage import tables as t

_r, _e = t.rooms.c, t.exceptions.c
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DebtSum:
    """So many of one team, policy and severity: their ages together, and the oldest one's."""

    team: str | None
    policy_id: str
    severity: str
    count: int
    ages: timedelta
    oldest: timedelta


class DebtRow(NamedTuple):
    """One of them. `until` is the end of a room's window, or of an exception."""

    id: str
    team: str | None
    policy_id: str
    severity: str
    since: datetime
    until: datetime
    title: str


class Weighing(NamedTuple):
    """By what the heaviest are found: the weight of a day by severity, and that of any other."""

    severities: Mapping[str, int]
    other: int


def open_sums(connection: Connection, now: datetime) -> list[DebtSum]:
    """All open rooms."""
    age = _age(_r.opened_at, now)
    return _sums(connection, _r, age, _r.state == t.OPEN)


def exception_sums(connection: Connection, now: datetime) -> list[DebtSum]:
    """All exceptions that are active, and debt."""
    return _sums(connection, _e, _age(_e.granted_at, now), _e.debt_until > now)


def heaviest_rooms(
    connection: Connection, now: datetime, by: Weighing, most: int | None
) -> list[DebtRow]:
    """The open rooms, the heaviest first; all, or so many of them."""
    weight = by_severity(_r.severity, by) * _age(_r.opened_at, now)
    chosen = select(_r.id).where(_r.state == t.OPEN).order_by(weight.desc(), _r.id).limit(most)
    columns = (_r.id, _r.team, _r.policy_id, _r.severity, _r.opened_at, _r.expires_at)
    path = ("contents", "first", "report", "title")
    found = [
        *(_text_at(connection, _r.document, *path), _text_at(connection, _r.document, "is_storm")),
        _text_at(connection, _r.document, "contents", "count"),
    ]
    rows = connection.execute(select(*columns, *found).where(_r.id.in_(chosen)))
    return [
        DebtRow(*row[:6], title_of(row[6], int(row[8]), is_storm=row[7] in (1, "true")))  # type: ignore[call-arg] # which counts the row as nine
        for row in rows
    ]


def heaviest_exceptions(
    connection: Connection, now: datetime, by: Weighing, most: int | None
) -> list[DebtRow]:
    """The active exceptions that are debt, the heaviest first; all, or so many of them."""
    weight = by_severity(_e.severity, by) * _age(_e.granted_at, now)
    order = (weight.desc(), _e.id)
    return _exceptions(connection, select(_e.id).where(_e.debt_until > now).order_by(*order), most)


def ended_exceptions(
    connection: Connection, since: datetime, now: datetime, most: int | None
) -> tuple[list[DebtRow], int]:
    """Those that were debt and ended after `since`, the last first; and how many they are."""
    ended = (_e.debt_until > since, _e.debt_until <= now)
    chosen = select(_e.id).where(*ended).order_by(_e.debt_until.desc(), _e.id.desc())
    count = select(func.count()).select_from(t.exceptions).where(*ended)
    return _exceptions(connection, chosen, most), connection.execute(count).scalar_one()


def by_severity(severity: ColumnElement[str], by: Weighing) -> ColumnElement[int]:
    """The weight of a day, in SQL."""
    return case(
        *((severity == literal(name), literal(weight)) for name, weight in by.severities.items()),
        else_=literal(by.other),
    )


def _exceptions(connection: Connection, chosen: Select[str], most: int | None) -> list[DebtRow]:
    columns = (_e.id, _e.team, _e.policy_id, _e.severity, _e.granted_at, _e.debt_until)
    title = _text_at(connection, _e.document, "title")
    rows = connection.execute(select(*columns, title).where(_e.id.in_(chosen.limit(most))))
    return [DebtRow(*row) for row in rows]


def _sums(
    connection: Connection,
    c: Any,  # noqa: ANN401 - a table's columns
    age: ColumnElement[int],
    which: ColumnElement[bool],
) -> list[DebtSum]:
    groups = (c.team, c.policy_id, c.severity)
    question = select(*groups, func.count(), func.sum(age), func.max(age))
    rows = connection.execute(question.where(which).group_by(*groups))
    return [
        DebtSum(team, policy, severity, count, int(ages) * _MICROSECOND, int(oldest) * _MICROSECOND)
        for team, policy, severity, count, ages, oldest in rows
    ]


def _age(since: ColumnElement[datetime], now: datetime) -> ColumnElement[int]:
    passed = literal((now - _EPOCH) // _MICROSECOND, BigInteger) - type_coerce(since, BigInteger)
    return case((passed > 0, passed), else_=literal(0, BigInteger))


def _text_at(
    connection: Connection, document: ColumnElement[str], *path: str
) -> ColumnElement[Any]:
    if connection.dialect.name == "sqlite":
        return func.json_extract(document, "$." + ".".join(path))
    return func.json_extract_path_text(cast(document, JSON), *path)

"""By which index each question is answered, as the database's planner says it.

PostgreSQL's planner goes by what it knows of the tables: they are filled first, and analyzed. It is
kept from reading a table whole, which it does with one that is empty.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, event, text

from bot.storage import tables as t
from bot.storage.database import Database

QUESTIONS = ("SELECT", "UPDATE", "DELETE", "WITH")
ROWS = 10_000
# Of rooms more: with few of them, and a whole batch of keys that meets every policy, reading all of
# them is what a planner should do.
MORE_ROOMS = 3
_SQLITE = re.compile(
    r"(?:SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+)| USING INTEGER PRIMARY KEY)?"
    r"(?: \((.*)\))?$"
)
_FILLED: dict[Table, dict[str, str]] = {
    t.rooms: {
        "id": "'r' || n",
        "state": "CASE WHEN n % 10 = 0 THEN 'open' ELSE 'closed' END",
        "outcome": "CASE WHEN n % 10 = 0 THEN NULL ELSE 'approved' END",
        "dedup_key": "'k' || n",
        "subject": "'s' || n % 500",
        "pull_request": "'pr' || n % 500",
        "channel": "'C' || n",
        "opened_at": "opened_at + n",
        "expires_at": "expires_at + n",
        "initiators_id": "'i' || n % 500",
        "holders_id": "'h' || n % 200",
        "document": "'{}'",
    },
    t.sets_of_people: {"set_id": "'h' || n % 200", "member": "'m' || n"},
    t.violations: {"id": "'v' || n", "delivery_id": "'x' || n", "document": "'{}'"},
    t.answers: {
        "violation_id": "'v' || n",
        "room_id": "'r' || n",
        "gathered_key": "CASE WHEN n % 20 = 0 THEN 'g' || n ELSE NULL END",
    },
    t.events: {"stream_id": "'r' || n", "delivery": "NULL", "payload": "'{}'"},
    t.timers: {"stream_id": "'r' || n", "due_at": "due_at + n"},
    t.effects: {
        "stream_id": "'r' || n",
        "lane": "'r' || n || '/dm'",
        "target": "'dm:U' || n % 300",
        "deadline": "deadline + n",
    },
    t.exceptions: {
        "id": "'r' || n",
        "owner": "'o' || n % 100",
        "until": "until + n * 1000000::bigint",
        "debt_until": "until + n * 1000000::bigint",
        "document": "'{}'",
    },
    t.exception_covers: {"key": "'k' || n", "exception_id": "'r' || n"},
}


@dataclass(frozen=True, slots=True)
class Read:
    """By which index something is read, and by which of its columns; none is all of it."""

    index: str
    key: frozenset[str]


@contextmanager
def heard(database: Database) -> Iterator[dict[str, Any]]:
    """The questions that are asked meanwhile, each with parameters of one time."""
    questions: dict[str, Any] = {}

    def note(*happening: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        statement, parameters = happening[2], happening[3]
        if statement.startswith(QUESTIONS):
            questions[statement] = parameters[0] if isinstance(parameters, list) else parameters

    engines = {database.write, database.read}
    for each in engines:
        event.listen(each, "before_cursor_execute", note)
    yield questions
    for each in engines:
        event.remove(each, "before_cursor_execute", note)


def fill(database: Database) -> None:
    """Let PostgreSQL's tables have many rows like those in them; SQLite goes by no numbers."""
    if database.is_sqlite:
        return
    with database.write.begin() as connection:
        for table, changed in _FILLED.items():
            names = [c.name for c in table.columns if c is not table.autoincrement_column]
            quoted = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(changed.get(name, f'"{name}"') for name in names)
            rows = ROWS * MORE_ROOMS if table is t.rooms else ROWS
            connection.execute(
                text(
                    f"INSERT INTO {table.name} ({quoted}) SELECT {values} "
                    "FROM (SELECT *, row_number() OVER () AS which, count(*) OVER () AS many "
                    f"FROM {table.name}) AS one, generate_series(1, {rows}) AS n "
                    "WHERE n % many = which - 1 ON CONFLICT DO NOTHING"
                )
            )
        connection.execute(text("ANALYZE"))


def reads(connection: Connection, statement: str, parameters: Any) -> list[Read]:  # noqa: ANN401 - a driver's
    """What a question reads."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        return [read for row in rows if (read := _of_sqlite(row[3]))]
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    plan = told.scalar_one()
    return list(_of_postgresql((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def _of_sqlite(told: str) -> Read | None:
    found = _SQLITE.match(told)
    if not found or found[1] in ("CONSTANT", "pair"):  # no table
        return None
    key = frozenset(re.findall(r"(\w+)[=<>]", found[3] or ""))
    return Read("rowid" if key == {"rowid"} else found[2] or found[1], key)


def _of_postgresql(plan: dict[str, Any]) -> Iterator[Read]:
    if plan["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        key = re.findall(r"\((\w+) (?:=|<|>|<=|>=|IS)", plan.get("Index Cond", ""))
        yield Read(plan.get("Index Name") or plan["Relation Name"], frozenset(key))
    for part in plan.get("Plans", ()):
        yield from _of_postgresql(part)

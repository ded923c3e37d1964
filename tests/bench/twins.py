"""Twins of rooms that were lived through: the same rows, with ids, keys and times of their own."""

import json
import random
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from bot.engine.ids import new_id
from bot.storage import tables as t

# As they have to be filled, for the foreign keys; which rows of each are those of a room.
TABLES = {
    t.rooms: "id = ?",
    t.violations: "id IN (SELECT violation_id FROM answers WHERE room_id = ?)",
    t.answers: "room_id = ?",
    t.events: "stream_id = ?",
    t.timers: "stream_id = ?",
    t.exceptions: "id = ?",
    t.exception_covers: "exception_id = ?",
}
SPREAD_SECONDS = 600
Rows = list[list[list[Any]]]  # a table, its rows, their cells

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Original:
    """All rows of a room as one text, and what in it is that room's alone."""

    text: str
    own: tuple[str, ...]
    covers: tuple[str, ...]
    detected: datetime

    def twin(self) -> Rows:
        """The rows of another room that had the same life, but for its first minutes."""
        back = timedelta(seconds=random.randint(1, SPREAD_SECONDS))
        detected = (self.detected - back).replace(microsecond=random.randint(1, 999_999))
        text = self.text
        new = _own(new_id(10), new_id(16), secrets.token_hex(16), secrets.token_hex(12), detected)
        for old, given in zip(self.own, new, strict=True):
            text = text.replace(old, given)
        for cover in self.covers:  # else it would cover what comes in
            text = text.replace(cover, secrets.token_hex(len(cover) // 2))
        rows: Rows = json.loads(text)
        return rows


def originals(path: Path) -> list[Original]:
    """Every room of an SQLite file."""
    with sqlite3.connect(path) as connection:
        rooms = [row[0] for row in connection.execute("SELECT id FROM rooms")]
        return [_original(connection, room) for room in rooms]


def columns(table: Table) -> list[str]:
    """The names, in the order of a twin's cells; an event's position each database gives itself."""
    return [f'"{each.name}"' for each in table.columns if each is not t.events.c.position]


def _original(connection: sqlite3.Connection, room: str) -> Original:
    rows = [
        connection.execute(
            f"SELECT {', '.join(columns(table))} FROM {table.name} WHERE {of_room}", [room]
        ).fetchall()
        for table, of_room in TABLES.items()
    ]
    asked = """SELECT id, delivery_id, detected_at FROM violations
               JOIN answers ON violation_id = id WHERE room_id = ?"""
    violation, delivery, micros = connection.execute(asked, [room]).fetchone()
    key = connection.execute("SELECT dedup_key FROM rooms WHERE id = ?", [room]).fetchone()[0]
    detected = _EPOCH + micros * _MICROSECOND
    asked = "SELECT key FROM exception_covers WHERE exception_id = ?"
    covers = tuple(row[0] for row in connection.execute(asked, [room]))
    own = _own(room, violation, key, delivery, detected)
    return Original(json.dumps(rows), own, covers, detected)


def _own(room: str, violation: str, key: str, delivery: str, detected: datetime) -> tuple[str, ...]:
    micros = (detected - _EPOCH) // _MICROSECOND
    stamp = f"{detected:%Y-%m-%dT%H:%M:%S.%fZ}"
    return room, violation, key, delivery, stamp, str(micros)

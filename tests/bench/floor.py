"""The floor: what any Python does for a webhook that is signed, checked and on disk, and no more.

    python -m tests.bench.floor ADDRESS ROWS PORT

Rules
- Raw ASGI on the bot's own server, the signature, pydantic-core on the body, and the rows that the
  bot writes for such a violation, by group commit in one thread. No policy is asked, nothing is
  looked up, and the rows are copies of one violation's with other ids.
"""

import asyncio
import base64
import hmac
import json
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from pydantic import BaseModel
from sqlalchemy import Table, select

from bot.cli.event_loop import loop_factory
from bot.engine.ids import new_id
from bot.http.server import serving
from bot.signatures import secret_key
from bot.storage import tables as t
from tests.bench.lives import Lives
from tests.bench.stock import begun
from tests.staging.environment import SECRET

BATCH_MOST = 256
# As they have to be filled, for the foreign keys; the database gives some of them their numbers.
TABLES = (t.rooms, t.violations, t.answers, t.events, t.timers, t.effects)
NUMBERED = (t.events.c.position, t.effects.c.id)
Cells = list[list[Any]]


class Body(BaseModel):
    """A violation, as the load sends it."""

    policy: str
    title: str
    team: str
    initiator: dict[str, str]
    subject: dict[str, str]
    origin: dict[str, str | int]
    facts: dict[str, dict[str, str]]


def written(folder: Path, config: Path) -> Path:
    """A file with the rows of one violation that has just come in, by their tables."""
    return asyncio.run(_written(folder, config))


async def _written(folder: Path, config: Path) -> Path:
    engine, past = await begun(folder / "floor_one.db", config)
    database = engine.store.database
    room = await Lives(engine, past).reported(1, past.at)
    engine.stop()
    rows: dict[str, Cells] = {}
    with database.read.connect() as connection:
        for table in TABLES:
            asked = select(*_columns(table))
            if table is t.events:
                asked = asked.where(t.events.c.stream_id == room)
            rows[table.name] = [list(row) for row in connection.execute(asked)]
    database.dispose()
    file = folder / "floor.json"
    file.write_text(json.dumps(rows, default=lambda when: int(when.timestamp() * 1_000_000)))
    return file


def _columns(table: Table) -> list[Any]:
    return [each for each in table.c if each not in NUMBERED]


class Rows:
    """Copies of the rows of one violation, with ids of their own."""

    def __init__(self, file: Path) -> None:
        rows: dict[str, Cells] = json.loads(file.read_text())
        names = {table.name: [each.name for each in _columns(table)] for table in TABLES}
        self._rows = [(table, rows[table.name]) for table in TABLES]
        room = dict(zip(names["rooms"], rows["rooms"][0], strict=True))
        violation = dict(zip(names["violations"], rows["violations"][0], strict=True))
        own = (room["id"], violation["id"], room["dedup_key"], violation["delivery_id"])
        self._places = [
            [
                [(place, own.index(cell)) for place, cell in enumerate(row) if cell in own]
                for row in cells
            ]
            for _, cells in self._rows
        ]
        self._lanes = names["effects"].index("lane")

    def copies(self, violations: list[tuple[str, str, str, str]]) -> list[tuple[Table, Cells]]:
        """All tables' rows for so many violations: room, violation, key and delivery of each."""
        copied = []
        for (table, rows), places in zip(self._rows, self._places, strict=True):
            cells = []
            for own in violations:
                for row, found in zip(rows, places, strict=True):
                    copy = row[:]
                    for place, which in found:
                        copy[place] = own[which]
                    if table is t.effects:
                        copy[self._lanes] = f"{own[0]}/{row[self._lanes].partition('/')[2]}"
                    cells.append(copy)
            copied.append((table, cells))
        return copied


def _into_sqlite(address: str) -> Callable[[list[tuple[Table, Cells]]], None]:
    connection = sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    texts = {}
    for table in TABLES:
        named = [f'"{each.name}"' for each in _columns(table)]
        marks = ", ".join("?" * len(named))
        texts[table] = f"INSERT INTO {table.name} ({', '.join(named)}) VALUES ({marks})"

    def insert(rows: list[tuple[Table, Cells]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for table, cells in rows:
            connection.executemany(texts[table], cells)
        connection.execute("COMMIT")

    return insert


def _into_postgres(address: str) -> Callable[[list[tuple[Table, Cells]]], None]:
    connection = psycopg.connect(address)
    texts = {}
    for table in TABLES:
        named = ", ".join(f'"{each.name}"' for each in _columns(table))
        texts[table] = f"COPY {table.name} ({named}) FROM STDIN".encode()

    def insert(rows: list[tuple[Table, Cells]]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            for table, cells in rows:
                with cursor.copy(texts[table]) as copy:
                    for row in cells:
                        copy.write_row(row)

    return insert


class Floor:
    """The ASGI application, and the thread that writes for it."""

    def __init__(self, address: str, file: Path) -> None:
        self._key = secret_key(SECRET)
        self._rows = Rows(file)
        self._address = address
        self._queue: queue.SimpleQueue[tuple[Any, tuple[str, str, str, str]]] = queue.SimpleQueue()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write what comes, from now on."""
        threading.Thread(target=self._write, args=(loop,), daemon=True).start()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
        """One request."""
        if scope["path"] == "/healthz":
            await _answer(send, 200, b"{}")
            return
        message = await receive()
        body = message["body"]
        headers = dict(scope["headers"])
        delivery, stamp = headers[b"webhook-id"], headers[b"webhook-timestamp"]
        digest = hmac.digest(self._key, b"%b.%b.%b" % (delivery, stamp, body), "sha256")
        if not hmac.compare_digest(
            b"v1," + base64.b64encode(digest), headers[b"webhook-signature"]
        ):
            await _answer(send, 401, b"{}")
            return
        Body.model_validate_json(body)
        room, violation = new_id(10), new_id(16)
        own = (room, violation, violation * 2, delivery.decode())
        answer = asyncio.get_running_loop().create_future()
        self._queue.put((answer, own))
        await answer
        told = {"violation_id": violation, "room_id": room, "verdict": "pending"}
        await _answer(send, 202, json.dumps(told).encode())

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        into = _into_sqlite if self._address.startswith("sqlite") else _into_postgres
        insert = into(self._address)
        while True:
            batch = [self._queue.get()]
            while len(batch) < BATCH_MOST:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            insert(self._rows.copies([own for _, own in batch]))
            loop.call_soon_threadsafe(_settle, [answer for answer, _ in batch])


def _settle(answers: list[asyncio.Future[None]]) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_result(None)


async def _answer(send: Any, status: int, body: bytes) -> None:  # noqa: ANN401 - ASGI's own
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def main(address: str, file: str, port: str) -> None:
    """Serve until the process is ended."""
    floor = Floor(address, Path(file))
    floor.start(asyncio.get_running_loop())
    server = serving(floor)
    server.config.host, server.config.port = "127.0.0.1", int(port)
    await server.serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main(*sys.argv[1:]))

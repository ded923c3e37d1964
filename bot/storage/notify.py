"""The bell: replicas on one PostgreSQL wake each other after a commit (LISTEN/NOTIFY).

Rules
- It rings with the commit, and says what there is to look at, never what it is.
- It is a hint: who misses it looks by itself within a second.
- SQLite has one process, and no bell.
"""

import asyncio
import json
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import Connection, text

from bot.storage.database import Database

log = structlog.get_logger()

CHANNEL = "warroom"
ROOMS_MOST = 100  # ids in one payload, of which PostgreSQL takes 8000 bytes
AGAIN_SECONDS = 1.0
_RING = text("SELECT pg_notify(:channel, :payload)")

Heard = Callable[[bool, bool, set[str]], None]


def ring(connection: Connection, *, effects: bool, timers: bool, rooms: set[str]) -> None:
    """Say at the commit of this transaction what it has changed."""
    if connection.dialect.name != "postgresql" or not (effects or timers or rooms):
        return
    named = sorted(rooms)[:ROOMS_MOST]
    payload = json.dumps({"effects": effects, "timers": timers, "rooms": named})
    connection.execute(_RING, {"channel": CHANNEL, "payload": payload})


async def listen(database: Database, heard: Heard) -> None:
    """Call `heard(effects, timers, rooms)` for each ring, until it is cancelled."""
    while True:
        try:
            await _listen(database, heard)
        except psycopg.Error as error:
            log.warning("bell.not_connected", error=type(error).__name__)
        await asyncio.sleep(AGAIN_SECONDS)


def _said(payload: str) -> tuple[bool, bool, set[str]]:
    try:
        said = json.loads(payload)
        return bool(said["effects"]), bool(said["timers"]), set(map(str, said["rooms"]))
    except (ValueError, TypeError, KeyError):  # another version's, or somebody else's
        return True, True, set()


async def _listen(database: Database, heard: Heard) -> None:
    _, where = database.read.dialect.create_connect_args(database.url)
    async with await psycopg.AsyncConnection.connect(**where, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        heard(True, True, set())  # what rang before
        async for notice in connection.notifies():
            heard(*_said(notice.payload))

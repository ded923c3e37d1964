"""Replicas on one PostgreSQL wake each other after a commit (LISTEN/NOTIFY).

Rules
- A notification goes out with the commit, and says what there is to look at, never what it is.
- It is a hint: who misses it looks by itself within a second.
- SQLite has one process, and nobody to notify: its process loads no psycopg (40 ms, 9 MB).
"""

import asyncio
import json
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, text

from bot.storage.database import Database

log = structlog.get_logger()

CHANNEL = "warroom"
STREAMS_MOST = 100  # ids in one payload, of which PostgreSQL takes 8000 bytes
AGAIN_SECONDS = 1.0
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")

Listener = Callable[[bool, bool, set[str]], None]


def notify(connection: Connection, *, effects: bool, timers: bool, streams: set[str]) -> None:
    """Say at the commit of this transaction what it has changed."""
    if connection.dialect.name != "postgresql" or not (effects or timers or streams):
        return
    named = sorted(streams)[:STREAMS_MOST]
    payload = json.dumps({"effects": effects, "timers": timers, "streams": named})
    connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": payload})


async def listen(database: Database, listener: Listener) -> None:
    """Call `listener(effects, timers, streams)` for each notification, until it is cancelled."""
    import psycopg  # noqa: PLC0415 - see above

    _, where = database.read.dialect.create_connect_args(database.url)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**where, autocommit=True) as heard:
                await heard.execute(f"LISTEN {CHANNEL}")
                listener(True, True, set())  # what was missed before
                async for notice in heard.notifies():
                    listener(*_said(notice.payload))
        except psycopg.Error as error:
            log.warning("notify.not_connected", error=type(error).__name__)
        await asyncio.sleep(AGAIN_SECONDS)


def _said(payload: str) -> tuple[bool, bool, set[str]]:
    try:
        said = json.loads(payload)
        return bool(said["effects"]), bool(said["timers"]), set(map(str, said["streams"]))
    except (ValueError, TypeError, KeyError):  # another version's, or somebody else's
        return True, True, set()

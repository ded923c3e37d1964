"""The yardstick: single-row inserts, each committed, into an SQLite file beside the bot's."""

import sqlite3
import time
from pathlib import Path

SECONDS = 2.0
ROW = "x" * 500


def inserts_per_second(folder: Path) -> float:
    """How many a second one connection commits, with WAL and synchronous=FULL as the bot has."""
    path = folder / "yardstick.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT)")
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        connection.execute("INSERT INTO rows (body) VALUES (?)", (ROW,))
        count += 1
    elapsed = time.perf_counter() - began
    connection.close()
    return count / elapsed

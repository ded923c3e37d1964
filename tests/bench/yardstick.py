"""The yardsticks: single-row inserts, each committed, as fast as the database itself takes them."""

import re
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg

from tests.bench.row import Waits
from tests.postgres import binaries

SECONDS = 1.5
CLIENTS = 16
ROW = "x" * 500
TABLE = "CREATE TABLE IF NOT EXISTS yardstick (id BIGINT GENERATED ALWAYS AS IDENTITY, body TEXT)"
RATE = re.compile(r"tps = ([0-9.]+) \(without")


def sqlite_inserts(folder: Path) -> float:
    """How many a second one connection commits, with WAL and synchronous=FULL as the bot has."""
    with closing(sqlite3.connect(folder / "yardstick.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT)")
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            connection.execute("INSERT INTO rows (body) VALUES (?)", (ROW,))
            count += 1
        return count / (time.perf_counter() - began)


def postgres_inserts(server: str, folder: Path) -> float:
    """How many a second `pgbench -c 16` commits, one row each."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(TABLE)
    script = folder / "insert.sql"
    script.write_text(f"INSERT INTO yardstick (body) VALUES ('{ROW}');\n")
    flags = ["-n", "-c", str(CLIENTS), "-j", "2", "-T", str(round(SECONDS + 0.5)), "-M", "prepared"]
    done = subprocess.run(
        [binaries() / "pgbench", *flags, "-f", script, server],
        check=True,
        capture_output=True,
        text=True,
    )
    found = RATE.search(done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench said no rate: {done.stdout}{done.stderr}")
    return float(found[1])


def empty_process(python: str) -> Waits:
    """How long an interpreter takes that does nothing."""
    return Waits.of([timed(python, "-c", "pass") for _ in range(5)])


def timed(
    *command: str, environment: dict[str, str] | None = None, cwd: Path | None = None
) -> float:
    """How long a command takes, in seconds. CalledProcessError where it fails."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=cwd)
    return time.perf_counter() - began

"""A database, as an address in `DATABASE_URL` names it.

Rules
- SQLite: WAL, synchronous=FULL (what is committed survives a power cut), the write lock is
  taken up front (BEGIN IMMEDIATE), and there is one writer.
- Readers have connections of their own, never take the write lock, and change nothing: a file
  becomes WAL by its writer.
- On SQLite, which keeps no statistics here, a question may name the index that answers it:
  `with_hint(table, "INDEXED BY …", "sqlite")`. Where that index can't, the question fails.
- On PostgreSQL each statement sees what was committed before it, whatever the server's default is:
  locks, versions and the log (see `log`) are thought out for that.
- PostgreSQL ends a transaction whose process stands still, so that its locks hold up nobody else.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 2.0
# SQLite's own 2 MB are too few for what joins two indexes of a hundred thousand rooms.
READ_CACHE_KIB = 8192
_POSTGRESQL = {
    "connect_timeout": "3",
    "options": "-c idle_in_transaction_session_timeout=10s -c lock_timeout=5s",
    "keepalives_idle": "10",
    "tcp_user_timeout": "10000",
}


class Database:
    """Connections to write with and connections to read with."""

    def __init__(self, url: str) -> None:
        self.url = _url(url)
        self.shown = make_url(url).render_as_string(hide_password=True)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.write = _sqlite(self.url, "BEGIN IMMEDIATE", "journal_mode=WAL", pool_size=1)
            self.read = _sqlite(self.url, "BEGIN", f"cache_size=-{READ_CACHE_KIB}", pool_size=4)
        else:
            self.write = self.read = create_engine(
                self.url,
                isolation_level="READ COMMITTED",
                pool_size=8,
                max_overflow=2,
                pool_pre_ping=True,
                pool_timeout=5,
                hide_parameters=True,
            )
            event.listen(self.write, "do_executemany", _copied)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None in memory and elsewhere."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    def dispose(self) -> None:
        """Close all connections; one that a thread still works with, when it comes back."""
        for engine in {self.write, self.read}:
            event.listen(engine.pool, "checkin", lambda _, entry: entry.close())
            engine.dispose()


def _copied(cursor: Any, statement: str, rows: Any, _: object) -> bool:  # noqa: ANN401 - the driver's
    """Whether a statement is a COPY, with its rows copied then.

    Within SQLAlchemy's own call of the driver, so that it makes its errors of what goes wrong.
    """
    if not statement.startswith("COPY "):
        return False
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return True


def _url(address: str) -> URL:
    url = make_url(address)
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "postgresql":
        given = url.query
        url = url.update_query_dict({k: v for k, v in _POSTGRESQL.items() if k not in given})
    return url


class _Hinting(SQLiteCompiler):
    """Writes hints behind tables, which SQLAlchemy does for other databases alone."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ANN401 - SQLAlchemy's signature
        del table
        return text


def _sqlite(url: URL, begin: str, *pragmas: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
    )
    engine.dialect.statement_compiler = _Hinting

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined] # sqlite3's own: no BEGIN of its own
        cursor = connection.cursor()  # type: ignore[attr-defined] # sqlite3's connection
        for pragma in ("synchronous=FULL", "foreign_keys=ON", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql(begin)  # type: ignore[attr-defined] # SQLAlchemy's connection

    return engine

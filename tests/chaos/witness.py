"""A witness beside the bot's tables: which effects there were, and when each was gone.

Rules
- The bot forgets an effect once it is delivered. Triggers of the run's own keep id, kind and
  payload, so that each message in Slack can be told for what it is.
- What the witness keeps stands in the transaction that it saw: it is there if that is.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, text

from bot.storage.database import Database

_TABLE = """
CREATE TABLE witness (id BIGINT PRIMARY KEY, room_id TEXT, kind TEXT NOT NULL,
                      payload TEXT NOT NULL, created_at BIGINT NOT NULL, gone_at BIGINT)
"""
_SQLITE = (
    """CREATE TRIGGER witness_added AFTER INSERT ON effects BEGIN
         INSERT INTO witness (id, room_id, kind, payload, created_at)
         VALUES (NEW.id, NEW.stream_id, NEW.kind, NEW.payload, NEW.created_at);
       END""",
    """CREATE TRIGGER witness_gone AFTER DELETE ON effects BEGIN
         UPDATE witness SET gone_at =
           CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
         WHERE id = OLD.id;
       END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION witness_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO witness (id, room_id, kind, payload, created_at)
         VALUES (NEW.id, NEW.stream_id, NEW.kind, NEW.payload, NEW.created_at);
         RETURN NULL;
       END $$""",
    """CREATE FUNCTION witness_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         UPDATE witness SET gone_at = extract(epoch FROM clock_timestamp()) * 1000000
         WHERE id = OLD.id;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER witness_added AFTER INSERT ON effects
         FOR EACH ROW EXECUTE FUNCTION witness_added()""",
    """CREATE TRIGGER witness_gone AFTER DELETE ON effects
         FOR EACH ROW EXECUTE FUNCTION witness_gone()""",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One effect that there was; times in seconds since 1970."""

    id: int
    room_id: str | None
    kind: str
    payload: dict[str, str]
    created_at: float
    gone_at: float | None


def post(database: Database) -> None:
    """Let the witness look from now on."""
    with database.write.begin() as connection:
        for statement in (_TABLE, *(_SQLITE if database.is_sqlite else _POSTGRESQL)):
            connection.exec_driver_sql(statement)


def testimony(connection: Connection) -> dict[int, Seen]:
    """Every effect that there was, by its id."""
    rows = connection.execute(text("SELECT * FROM witness")).all()
    return {
        row.id: Seen(
            id=row.id,
            room_id=row.room_id,
            kind=row.kind,
            payload=json.loads(row.payload),
            created_at=row.created_at / 1e6,
            gone_at=None if row.gone_at is None else row.gone_at / 1e6,
        )
        for row in rows
    }

"""What others ask of the database, each method named for its question; nothing is written."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.events import EVENT, Recorded
from bot.domain.policy import Policy
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.documents import read
from bot.storage.durations import Waits, waits

T = TypeVar("T")


class DatabaseUnavailableError(Exception):
    """The database can't be reached, is locked or full: to be tried again later."""


AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
# PostgreSQL: serialization failure, deadlock, a lock that somebody else held for too long
RACE_LOST = frozenset({"40001", "40P01", "55P03"})


def race_lost(error: Exception) -> bool:
    """Whether the database is there, and only chose another transaction than this one."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in RACE_LOST


class Store:
    """Questions, answered from one consistent read each."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, question: Callable[[Connection], T]) -> T:
        """The answer to `question`; DatabaseUnavailableError when there is no database."""
        try:
            with self.database.read.connect() as connection:
                return question(connection)
        except AWAY as error:
            raise DatabaseUnavailableError(str(error.args[0])) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailableError(str(error.args[0])) from error
            raise

    def room(self, room_id: str) -> WarRoom | None:
        """The room with this id."""
        return self._one(select(t.rooms.c.document).where(t.rooms.c.id == room_id))

    def room_of_violation(self, violation_id: str) -> WarRoom | None:
        """The room that settles this violation."""
        return self._one(
            select(t.rooms.c.document)
            .join(t.violations, t.violations.c.room_id == t.rooms.c.id)
            .where(t.violations.c.id == violation_id)
        )

    def settled(self, violation_id: str) -> tuple[str, bool] | None:
        """The room that settles this violation, and whether it has: a thousand may ask that."""
        question = (
            select(t.rooms.c.id, t.rooms.c.decided_at.is_not(None))
            .join(t.violations, t.violations.c.room_id == t.rooms.c.id)
            .where(t.violations.c.id == violation_id)
        )
        row = self.ask(lambda connection: connection.execute(question).first())
        return (row[0], bool(row[1])) if row else None

    def room_in_channel(self, channel: str) -> WarRoom | None:
        """The room whose view is this channel."""
        return self._one(select(t.rooms.c.document).where(t.rooms.c.channel == channel))

    def open_rooms(self, limit: int = 1000) -> list[WarRoom]:
        """The open rooms, the earliest deadline first."""
        return self._many(self._open().limit(limit))

    def open_rooms_with(self, user: str, limit: int = 1000) -> list[WarRoom]:
        """The open rooms in which `user` is anybody, the earliest deadline first."""
        named = t.rooms.c.document.contains(f'"{user}"', autoescape=True)
        return self._many(self._open().where(named).limit(limit))

    def exceptions_active(self, now: datetime) -> list[WarRoom]:
        """The rooms whose override still holds at `now`."""
        return self._many(select(t.rooms.c.document).where(t.rooms.c.valid_until > now))

    def record(self, room_id: str) -> list[Recorded]:
        """All events of a room, in order."""
        columns = (t.events.c.seq, t.events.c.at, t.events.c.actor, t.events.c.payload)
        question = select(*columns).where(t.events.c.room_id == room_id).order_by(t.events.c.seq)
        rows = self.ask(lambda connection: connection.execute(question).all())
        return [
            Recorded(seq=seq, at=at, actor=actor, event=EVENT.validate_json(payload))
            for seq, at, actor, payload in rows
        ]

    def policy(self, digest: str) -> Policy | None:
        """The policy as it was loaded under this digest."""
        question = select(t.policies.c.document).where(t.policies.c.digest == digest)
        document = self.ask(lambda connection: connection.execute(question).scalar())
        return Policy.model_validate_json(document) if document else None

    def timers_due(self, now: datetime, limit: int = 200) -> list[str]:
        """The rooms that the clock has to look at, the longest overdue first."""
        question = (
            select(t.timers.c.room_id)
            .where(t.timers.c.due_at <= now)
            .order_by(t.timers.c.due_at)
            .limit(limit)
        )
        return list(self.ask(lambda connection: connection.execute(question).scalars().all()))

    def next_timer(self) -> datetime | None:
        """When the next timer is due."""
        question = select(func.min(t.timers.c.due_at).label("due"))
        return self.ask(lambda connection: connection.execute(question).scalar())

    def undelivered(self, room_id: str) -> list[str]:
        """The lanes of a room in which something is still to be delivered."""
        question = select(t.effects.c.lane).where(
            t.effects.c.room_id == room_id, t.effects.c.state == t.PENDING
        )
        return list(self.ask(lambda connection: connection.execute(question).scalars().all()))

    def waits(
        self,
        now: datetime,
        since: datetime | None = None,
        policy: str | None = None,
        team: str | None = None,
    ) -> list[Waits]:
        """How long every violation detected since then waited, and for what became of it."""
        return self.ask(lambda connection: waits(connection, now, since, policy, team))

    @staticmethod
    def _open() -> Select[str]:
        return (
            select(t.rooms.c.document)
            .where(t.rooms.c.state == t.OPEN)
            .order_by(t.rooms.c.expires_at)
        )

    def _one(self, question: Select[str]) -> WarRoom | None:
        document = self.ask(lambda connection: connection.execute(question).scalar())
        return read(document) if document else None

    def _many(self, question: Select[str]) -> list[WarRoom]:
        rows: Sequence[str] = self.ask(
            lambda connection: connection.execute(question).scalars().all()
        )
        return [read(document) for document in rows]

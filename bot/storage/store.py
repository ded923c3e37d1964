"""What others ask of the database, each method named for its question; nothing is written."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.aggregate import Aggregate, Recorded
from bot.domain.answers import Answered
from bot.domain.exception_life import EXCEPTION
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import Person
from bot.domain.policy import Policy
from bot.domain.violation import Violation
from bot.domain.war_room import Outcome, WarRoom
from bot.errors import UnreachableError
from bot.storage import tables as t
from bot.storage.answers import answers_to, deciding
from bot.storage.database import Database
from bot.storage.durations import Waits, waits
from bot.storage.people_sets import rooms_asking
from bot.storage.records import read_policy, read_stream
from bot.storage.transaction import Stream

T = TypeVar("T")
BODIES_AT_ONCE = 50

# What is asked all the time is built once.
_ROOM = select(t.rooms.c.document).where(t.rooms.c.id == bindparam("room"))
_OPEN_COUNT = select(func.count()).select_from(t.rooms).where(t.rooms.c.state == t.OPEN)
_VERSION = select(func.max(t.events.c.seq)).where(
    t.events.c.stream_kind == bindparam("of_kind"), t.events.c.stream_id == bindparam("of_stream")
)
_VIOLATION = select(t.violations.c.document).where(t.violations.c.id == bindparam("violation"))
_POLICY = select(
    t.documents.c.document, t.documents.c.file, t.documents.c.line, t.documents.c.kind
).where(t.documents.c.digest == bindparam("digest"))
_due_at = t.timers.c.due_at
_TIMERS_DUE = (
    select(t.timers.c.stream_kind, t.timers.c.stream_id)
    .where(_due_at <= bindparam("now"), t.IS_TIMER_OF)
    .order_by(_due_at)
    .limit(bindparam("most"))
)
_NEXT_TIMER = (
    select(_due_at).where(_due_at > bindparam("after"), t.IS_TIMER_OF).order_by(_due_at).limit(1)
)


class DatabaseUnavailableError(UnreachableError):
    """The database can't be reached, is locked or full: to be tried again later."""

    who = "the database is not available"


AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
# PostgreSQL: serialization failure, deadlock, a lock that somebody else held for too long
RACE_LOST = frozenset({"40001", "40P01", "55P03"})


def race_lost(error: Exception) -> bool:
    """Whether the database is there, and only chose another transaction than this one."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in RACE_LOST


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that the clock is going to do, in one room or in the exception that it made."""

    stream: Stream
    name: str
    due_at: datetime


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
        return self._room(_ROOM, {"room": room_id})

    def room_of_violation(self, violation_id: str) -> WarRoom | None:
        """The room that settles this violation."""
        question = (
            select(t.rooms.c.document)
            .join(t.answers, t.answers.c.room_id == t.rooms.c.id)
            .where(t.answers.c.violation_id == violation_id, t.answers.c.kind == t.ROOM)
        )
        return self._room(question, {})

    def answers(self, violation_id: str) -> tuple[Answered, ...] | None:
        """What each policy has answered to a violation; None where there is no such violation."""
        return self.ask(lambda connection: answers_to(connection, violation_id))

    def deciding(self, violation_id: str) -> dict[str, bool] | None:
        """The rooms that a violation is in, and whether each is decided: a thousand may ask that.

        None where there is no such violation.
        """
        return self.ask(lambda connection: deciding(connection, violation_id))

    def room_in_channel(self, channel: str) -> WarRoom | None:
        """The room whose view is this channel."""
        return self._room(select(t.rooms.c.document).where(t.rooms.c.channel == channel), {})

    def open_rooms(self, limit: int = 1000) -> list[WarRoom]:
        """The open rooms, the earliest deadline first."""
        return self._rooms(self._open().limit(limit))

    def open_count(self) -> int:
        """How many rooms are open."""
        return self.ask(lambda connection: connection.execute(_OPEN_COUNT).scalar_one())

    def open_rooms_asking(self, person: Person, limit: int = 1000) -> list[WarRoom]:
        """Those that somebody made the change of, or holds a role in; the first deadline first."""
        documents = self.ask(lambda connection: rooms_asking(connection, person, limit))
        return [WarRoom.read(document) for document in documents]

    def violation(self, violation_id: str) -> Violation | None:
        """The violation with this id, whole."""
        asked = {"violation": violation_id}
        document = self.ask(lambda connection: connection.execute(_VIOLATION, asked).scalar())
        return Violation.read(document) if document else None

    def facts(self, violation_id: str) -> dict[str, Any]:
        """What was reported of the violation with this id beside what every report has."""
        violation = self.violation(violation_id)
        return violation.report.facts if violation else {}

    def violations_in(self, room_id: str, limit: int) -> list[Violation]:
        """The violations of a room without their facts, the newest first."""
        question = (
            select(t.violations.c.document)
            .join(t.answers, t.answers.c.violation_id == t.violations.c.id)
            .where(t.answers.c.room_id == room_id)
            .order_by(t.violations.c.received_at.desc(), t.violations.c.id.desc())
        )

        def briefs(connection: Connection) -> list[Violation]:
            found: list[Violation] = []
            # So many at a time: the facts of one may take 240 KB.
            for start in range(0, limit, BODIES_AT_ONCE):
                part = question.limit(min(BODIES_AT_ONCE, limit - start)).offset(start)
                documents = connection.execute(part).scalars()
                found += (Violation.read(each).brief for each in documents)
                if len(found) < start + BODIES_AT_ONCE:
                    break
            return found

        return self.ask(briefs)

    def violations_from(self, sources: Collection[str], limit: int) -> list[Violation]:
        """The violations that came from these sources, the newest first."""
        c = t.violations.c
        question = select(c.document).where(c.source.in_(sources)).order_by(c.received_at.desc())
        rows = self.ask(
            lambda connection: connection.execute(question.limit(limit)).scalars().all()
        )
        return [Violation.read(document) for document in rows]

    def callbacks_of(self, room_id: str) -> list[str]:
        """The ids of the violations in a room, or waived by its exception, that have callbacks."""
        question = (
            select(t.violations.c.id)
            .join(t.answers, t.answers.c.violation_id == t.violations.c.id)
            .where(
                or_(t.answers.c.room_id == room_id, t.answers.c.exception_id == room_id),
                t.violations.c.callback,
            )
            .order_by(t.violations.c.received_at, t.violations.c.id)
        )
        return list(self.ask(lambda connection: connection.execute(question).scalars().all()))

    def record(self, room_id: str) -> list[Recorded[Any]]:
        """All events of a room, in order; what only a newer version knows is `Unknown`."""
        return self.stream(WAR_ROOM, room_id)

    def event(self, room: WarRoom, seq: int) -> Recorded[Any]:
        """One event of a room, however many it has; `room` as it was read since."""
        columns = t.events.c
        question = select(t.events).where(
            columns.stream_kind == WAR_ROOM.kind,
            columns.stream_id == room.id,
            columns.seq == seq,
        )
        row = self.ask(lambda connection: connection.execute(question).one())
        return next(read_stream(WAR_ROOM, [row], room))

    def stream(self, aggregate: Aggregate[Any, Any, Any], stream_id: str) -> list[Recorded[Any]]:
        """All events of a stream, in order."""
        question = (
            select(t.events)
            .where(t.events.c.stream_kind == aggregate.kind, t.events.c.stream_id == stream_id)
            .order_by(t.events.c.seq)
        )
        rows = self.ask(lambda connection: connection.execute(question).all())
        return list(read_stream(aggregate, rows))

    def version(self, stream: Stream) -> int:
        """The number of a stream's last event; 0 where it has none."""
        asked = {"of_kind": stream.kind, "of_stream": stream.id}
        return int(self.ask(lambda connection: connection.execute(_VERSION, asked).scalar()) or 0)

    def policy(self, digest: str) -> Policy | None:
        """The policy as it was loaded under this digest."""
        return self.ask(lambda connection: policy_on(connection, digest))

    def timers_due(self, now: datetime, known: Collection[str], limit: int = 200) -> list[Stream]:
        """The streams that the clock has to look at, the longest overdue first.

        `known` are the timers that can be fired here (see `timer_name`).
        """
        asked = {"now": now, "known": list(known), "most": limit}
        rows = self.ask(lambda connection: connection.execute(_TIMERS_DUE, asked).all())
        return list(dict.fromkeys(Stream(*row) for row in rows))

    def next_timer(self, after: datetime, known: Collection[str]) -> datetime | None:
        """When the first that is due later than `after` is; of those that can be fired here."""
        asked = {"after": after, "known": list(known)}
        return self.ask(lambda connection: connection.execute(_NEXT_TIMER, asked).scalar())

    def next_due(self, now: datetime) -> Due | None:
        """The next step of an open room, or of one that was overridden and of its exception.

        Nobody waits for the end of an approval.
        """
        c, rooms = t.timers.c, t.rooms.c
        excepted = rooms.outcome == Outcome.OVERRIDDEN
        question = (
            select(c.stream_kind, c.stream_id, c.name, c.due_at)
            .join(t.rooms, rooms.id == c.stream_id)
            .where(c.stream_kind.in_((WAR_ROOM.kind, EXCEPTION.kind)), c.due_at > now)
            .where(or_(rooms.state == t.OPEN, and_(excepted, rooms.valid_until > now)))
            .order_by(c.due_at)
            .limit(1)
        )
        row = self.ask(lambda connection: connection.execute(question).first())
        return Due(Stream(*row[:2]), *row[2:]) if row else None

    def undelivered(self, room_id: str) -> list[str]:
        """The lanes of a room in which something is still to be delivered."""
        question = select(t.effects.c.lane).where(
            t.effects.c.stream_kind == WAR_ROOM.kind,
            t.effects.c.stream_id == room_id,
            t.effects.c.state == t.PENDING,
        )
        return list(self.ask(lambda connection: connection.execute(question).scalars().all()))

    def waits(
        self,
        now: datetime,
        since: datetime | None = None,
        policies: Collection[str] | None = None,
        team: str | None = None,
    ) -> list[Waits]:
        """How long every violation detected since then waited, and for what became of it."""
        return self.ask(lambda connection: waits(connection, now, since, policies, team))

    @staticmethod
    def _open() -> Select[str]:
        return (
            select(t.rooms.c.document)
            .with_hint(t.rooms, "INDEXED BY ix_rooms_open", "sqlite")
            .where(t.rooms.c.state == t.OPEN)
            .order_by(t.rooms.c.expires_at)
        )

    def _room(self, question: Select[str], asked: Mapping[str, str]) -> WarRoom | None:
        document = self.ask(lambda connection: connection.execute(question, asked).scalar())
        return WarRoom.read(document) if document else None

    def _rooms(self, question: Select[str]) -> list[WarRoom]:
        documents: Sequence[str] = self.ask(
            lambda connection: connection.execute(question).scalars().all()
        )
        return [WarRoom.read(document) for document in documents]


def policy_on(connection: Connection, digest: str) -> Policy | None:
    """The policy that was loaded under this digest, within a transaction that asks for more."""
    row = connection.execute(_POLICY, {"digest": digest}).first()
    if row is None:
        return None
    policy = read_policy(row.kind, row.document)
    return policy.but(file=row.file, line=row.line)


def policies_loaded(connection: Connection) -> set[str]:
    """The ids of all policies that were ever loaded."""
    policies = select(t.documents.c.name).where(t.documents.c.kind != t.SOURCES).distinct()
    return set(connection.execute(policies).scalars())

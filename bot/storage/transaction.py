"""One transaction over many commands: what each needs to know, and one write at its end.

Rules
- A stream is read once a transaction; later commands of the same batch see what earlier ones did.
- The first writer wins: a row is updated only from the version it was read at, and an event has its
  place in its stream alone.
- A batch locks no row before it writes, so that batches can't wait for each other in a circle; an
  order that is tried again alone locks its row (`locking`) and waits for its turn. Budgets and the
  turns of a storm are locked in one order.
- Row, events, timers and effects are written together or not at all; what they are is given.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, select, update

from bot.domain.aggregate import Aggregate, C, E, S, Step, Timer
from bot.domain.exception_life import EXCEPTION
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.arrivals import Arrivals
from bot.storage.covering import Covering
from bot.storage.gate_questions import GateQuestions
from bot.storage.notify import notify
from bot.storage.people_sets import PeopleOf, add_sets, same_people
from bot.storage.pull_requests import PullRequests
from bot.storage.records import event_row, read_stream
from bot.storage.rows import (
    VIEWS,
    EffectRow,
    Outgoing,
    change_row,
    effect_row,
    forget_effects,
    insert_rows,
    newest,
)
from bot.storage.source_names import SourceNames
from bot.storage.timers import write_timers

_OF_STREAM = and_(
    t.events.c.stream_kind == bindparam("of_kind"), t.events.c.stream_id == bindparam("of_stream")
)
_EVENTS = select(t.events).where(_OF_STREAM).order_by(t.events.c.seq)
_DONE = select(
    select(t.events.c.seq)
    .where(_OF_STREAM, t.events.c.delivery == bindparam("delivery_id"))
    .exists()
)
_TIMER_DUE = (
    select(t.timers.c.name, t.timers.c.due_at)
    .where(
        t.timers.c.stream_kind == bindparam("of_kind"),
        t.timers.c.stream_id == bindparam("of_stream"),
        t.timers.c.due_at <= bindparam("now"),
        t.timers.c.name.in_(bindparam("names", expanding=True)),
    )
    .order_by(t.timers.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
# What was never tried and isn't due yet waits for something in its stream, or for another digest.
_UNBLOCK = (
    update(t.effects)
    .where(
        t.effects.c.stream_kind == bindparam("of_kind"),
        t.effects.c.stream_id == bindparam("of_stream"),
        t.effects.c.state == t.PENDING,
        t.effects.c.attempts == 0,
        t.effects.c.next_attempt_at > bindparam("now"),
    )
    .values(next_attempt_at=bindparam("now"))
)


class ConflictError(Exception):
    """Another writer was first; the command is to be tried again on what is there now."""


class Stream(NamedTuple):
    """What events belong to: a kind of stream, and which one of it."""

    kind: str
    id: str


@dataclass
class Written:
    """What a transaction changed, for whoever waits for it."""

    streams: set[str] = field(default_factory=set)
    effects: bool = False
    next_due: datetime | None = None


@dataclass
class Transaction:
    """A batch of commands on one connection; `flush` writes what they led to."""

    connection: Connection
    now: datetime
    locking: bool = False
    written: Written = field(default_factory=Written)
    _states: dict[Stream, Any] = field(default_factory=dict)
    _known: dict[Stream, int] = field(default_factory=dict)
    _rooms: dict[str, WarRoom] = field(default_factory=dict)  # as they were read
    _events: list[dict[str, Any]] = field(default_factory=list)
    _timers: dict[Stream, tuple[Timer, ...]] = field(default_factory=dict)
    _timer_names: dict[str, frozenset[str]] = field(default_factory=dict)
    _effects: list[EffectRow] = field(default_factory=list)
    _delivered: list[int] = field(default_factory=list)
    _unblocked: set[Stream] = field(default_factory=set)
    _done: set[tuple[Stream, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.arrivals = Arrivals(self.connection, self.now)

    @cached_property
    def exceptions(self) -> Covering:
        """What exceptions cover, where that is asked or changed in this transaction."""
        return Covering(
            self.connection, self.now, lambda exception_id: self.state(EXCEPTION, exception_id)
        )

    @cached_property
    def gate_questions(self) -> GateQuestions:
        """What the gate is asked, where it is in this transaction."""
        return GateQuestions(self.connection)

    @cached_property
    def pull_requests(self) -> PullRequests:
        """Commits and rooms of pull requests, where there are any in this transaction."""
        return PullRequests(self.connection)

    @cached_property
    def source_names(self) -> SourceNames:
        """The names that sources report, where there are any in this transaction."""
        return SourceNames(self.connection, self.now)

    def state(self, aggregate: Aggregate[S, C, E], stream_id: str) -> S | None:
        """A stream as it stands within this transaction; None where there is none."""
        stream = Stream(aggregate.kind, stream_id)
        if stream not in self._states:
            self._states[stream] = self._read(aggregate, stream)
        found: S | None = self._states[stream]
        return found

    def expect(self, aggregate: Aggregate[S, C, E], ids: Collection[str]) -> None:
        """Read many streams of a kind that has a view at once, for `state`."""
        view = VIEWS[aggregate.kind]
        unread = sorted(each for each in ids if Stream(aggregate.kind, each) not in self._states)
        for row in self.connection.execute(view.several, {"of_ids": unread}) if unread else ():
            stream = Stream(aggregate.kind, row.id)
            with suppress(ValueError):  # which `state` raises for whoever asks for this one
                self._states[stream] = self._of_row(stream, row)

    def changed(self, aggregate: Aggregate[S, C, E]) -> list[S]:
        """The streams of a kind as far as this transaction has changed them, as they stand."""
        return [self._states[stream] for stream in self._timers if stream.kind == aggregate.kind]

    def seen(self, aggregate: Aggregate[S, C, E]) -> list[S]:
        """The streams of this kind that this transaction has read or made, as they stand in it."""
        return [
            each for stream, each in self._states.items() if each and stream.kind == aggregate.kind
        ]

    def done(self, stream: Stream, delivery: str) -> bool:
        """Whether what came with this delivery is recorded in the stream."""
        known = {"of_kind": stream.kind, "of_stream": stream.id, "delivery_id": delivery}
        return (stream, delivery) in self._done or bool(
            self.connection.execute(_DONE, known).scalar()
        )

    def timer_due(self, stream: Stream, names: Collection[str]) -> Timer | None:
        """The first timer with one of these names that is due in the stream, held until the end.

        None where another process holds it, or it was moved.
        """
        asked = {
            "of_kind": stream.kind,
            "of_stream": stream.id,
            "now": self.now,
            "names": list(names),
        }
        row = self.connection.execute(_TIMER_DUE, asked).first()
        return Timer(row.name, row.due_at) if row else None

    def add_step(
        self,
        aggregate: Aggregate[S, C, E],
        step: Step[S, E],
        states: Sequence[S],
        timers: tuple[Timer, ...],
        outgoing: Outgoing,
        delivery: str | None = None,
    ) -> None:
        """A step of a stream: its events, each with the state after it, and what follows."""
        stream = Stream(aggregate.kind, step.after.id)
        self._states[stream] = step.after
        self._timers[stream] = timers
        self._timer_names[stream.kind] = aggregate.timers
        if delivery:
            self._done.add((stream, delivery))
        for recorded, after in zip(step.events, states, strict=True):
            given = delivery if recorded is step.events[0] else None
            self._events.append(event_row(aggregate.kind, after, recorded, given))
        self.add_effects(outgoing.effects)
        if outgoing.unblocks:
            self._unblocked.add(stream)

    def add_effects(self, effects: Sequence[EffectRow]) -> None:
        """Things to deliver."""
        self._effects += effects

    def delivered(self, effect_id: int) -> None:
        """An effect is done, and goes with all others of this transaction."""
        self._delivered.append(effect_id)

    def forget_delivered(self) -> None:
        """Let what was delivered go now: what comes next in its lane may be asked for."""
        forget_effects(self.connection, self._delivered)
        self._delivered.clear()

    def flush(self) -> None:
        """Write everything; ConflictError or IntegrityError when another writer was first."""
        changed = sorted({Stream(row["stream_kind"], row["stream_id"]) for row in self._events})
        # In one order, so that writers can't wait for each other in a circle; and updates first,
        # so that a key whose room was just decided is free for the next one.
        seen = [stream for stream in changed if stream.kind in VIEWS]
        rows = {stream: VIEWS[stream.kind].written(self._states[stream]) for stream in seen}
        for stream in seen:
            if stream in self._known:
                self._update(stream, rows[stream])
        for kind, view in VIEWS.items():
            new = [rows[each] for each in seen if each.kind == kind and each not in self._known]
            insert_rows(self.connection, view.table, sorted(new, key=view.order))
        add_sets(self.connection, self._with_other_people(rows))
        self.arrivals.flush()
        for part in ("exceptions", "gate_questions", "pull_requests", "source_names"):
            if part in vars(self):  # or there is nothing to write
                getattr(self, part).flush()
        insert_rows(self.connection, t.events, self._events)
        self._write_timers()
        self.forget_delivered()
        insert_rows(self.connection, t.effects, list(map(effect_row, newest(self._effects))))
        # After the effects: one of the same batch may wait for what unblocks it.
        if self._unblocked:
            asked = [
                {"of_kind": stream.kind, "of_stream": stream.id, "now": self.now}
                for stream in sorted(self._unblocked)
            ]
            self.connection.execute(_UNBLOCK, asked)
        self.written.streams.update(stream.id for stream in changed)
        self.written.effects = bool(self._effects or self._unblocked)
        notify(
            self.connection,
            effects=self.written.effects,
            timers=self.written.next_due is not None,
            streams=self.written.streams,
        )

    def _read(self, aggregate: Aggregate[S, C, E], stream: Stream) -> S | None:
        view = VIEWS.get(aggregate.kind)
        if view:
            question = view.held if self.locking else view.stored
            row = self.connection.execute(question, {"of_id": stream.id}).first()
            found: S | None = self._of_row(stream, row) if row else None
            return found
        asked = {"of_kind": stream.kind, "of_stream": stream.id}
        state: S | None = None
        for recorded in read_stream(aggregate, self.connection.execute(_EVENTS, asked)):
            state = aggregate.evolve(state, recorded)
        if state is not None:
            self._known[stream] = state.version
        return state

    def _of_row(self, stream: Stream, row: Any) -> Any:  # noqa: ANN401 - a view's row and state
        found = VIEWS[stream.kind].documents.read(stream.id, row.document)
        self._known[stream] = row.version
        if isinstance(found, WarRoom):
            self._rooms[stream.id] = found
        return found

    def _update(self, stream: Stream, row: dict[str, Any]) -> None:
        view, known = VIEWS[stream.kind], self._known[stream]
        if not change_row(self.connection, view.table, row, known):
            raise ConflictError(f"{stream.kind} {stream.id} is past version {known}")

    def _with_other_people(
        self, rows: Mapping[Stream, dict[str, Any]]
    ) -> Iterator[tuple[WarRoom, PeopleOf]]:
        """The rooms among these whose people aren't as they were read, and the sets of each."""
        for stream, row in rows.items():
            room, before = self._states[stream], self._rooms.get(stream.id)
            if stream.kind == WAR_ROOM.kind and not (before and same_people(before, room)):
                yield room, PeopleOf(row["initiators_id"], row["holders_id"])

    def _write_timers(self) -> None:
        moved: list[Timer] = []
        for kind, names in self._timer_names.items():
            wanted = {stream.id: due for stream, due in self._timers.items() if stream.kind == kind}
            older = [stream_id for stream_id in wanted if Stream(kind, stream_id) in self._known]
            moved += write_timers(self.connection, kind, names, wanted, older)
        self.written.next_due = min((timer.due_at for timer in moved), default=None)

"""One transaction over many commands: what each needs to know, and one write at its end.

Rules
- A room is read once a transaction; later commands of the same batch see what earlier ones did.
- The first writer wins: a row is updated only from the version it was read at.
- A batch locks no room before it writes, so that batches can't wait for each other in a circle; an
  order that is tried again alone locks its room (`locking`) and waits for its turn. Budgets and the
  turns of a storm are locked in one order.
- Room, events, timer and effects are written together or not at all; what they are is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from bot.domain.ladder import Timer
from bot.domain.lifecycle import Step
from bot.domain.policy import StormRule
from bot.domain.violation import Violation
from bot.domain.war_room import State, WarRoom
from bot.storage import storms
from bot.storage import tables as t
from bot.storage.documents import read
from bot.storage.notify import ring
from bot.storage.rows import (
    EffectRow,
    Outgoing,
    effect_row,
    event_row,
    newest,
    room_row,
    violation_row,
)
from bot.storage.storms import Storm

_ROOM = select(t.rooms.c.document, t.rooms.c.version).where(t.rooms.c.id == bindparam("id"))
_BY_KEY = select(t.rooms.c.policy_id, t.rooms.c.dedup_key, t.rooms.c.id).where(
    t.rooms.c.policy_id.in_(bindparam("policies", expanding=True)),
    t.rooms.c.dedup_key.in_(bindparam("keys", expanding=True)),
    t.rooms.c.state == t.OPEN,
)
_BY_DELIVERY = select(
    t.violations.c.source, t.violations.c.delivery_id, t.violations.c.id, t.violations.c.room_id
).where(
    t.violations.c.source.in_(bindparam("sources", expanding=True)),
    t.violations.c.delivery_id.in_(bindparam("deliveries", expanding=True)),
)
_UPDATE_ROOM = update(t.rooms).where(
    and_(t.rooms.c.id == bindparam("room"), t.rooms.c.version == bindparam("known"))
)
_DONE = select(
    select(t.events.c.seq)
    .where(t.events.c.room_id == bindparam("room"), t.events.c.delivery == bindparam("delivery"))
    .exists()
)
_MOVE = update(t.violations).where(t.violations.c.id == bindparam("moved"))
# What was never tried and isn't due yet waits for its room's channel, or for another digest.
_UNBLOCK = update(t.effects).where(
    t.effects.c.room_id == bindparam("room"),
    t.effects.c.state == t.PENDING,
    t.effects.c.attempts == 0,
    t.effects.c.next_attempt_at > bindparam("now"),
)


class ConflictError(Exception):
    """Another writer was first; the command is to be tried again on what is there now."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a report has to ask for: its delivery (source, id), its key (policy, key), the limit."""

    delivery: tuple[str, str]
    key: tuple[str, str]
    storm: StormRule


@dataclass
class Written:
    """What a transaction changed, for whoever waits for it."""

    rooms: set[str] = field(default_factory=set)
    effects: bool = False
    next_due: datetime | None = None


@dataclass
class Transaction:
    """A batch of commands on one connection; `flush` writes what they led to."""

    connection: Connection
    now: datetime
    locking: bool = False
    written: Written = field(default_factory=Written)
    _rooms: dict[str, WarRoom | None] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)
    _keys: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _deliveries: dict[tuple[str, str], tuple[str, str] | None] = field(default_factory=dict)
    _storms: dict[str, Storm] = field(default_factory=dict)
    _violations: list[dict[str, Any]] = field(default_factory=list)
    _moved: dict[str, str] = field(default_factory=dict)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _timers: dict[str, Timer | None] = field(default_factory=dict)
    _effects: list[EffectRow] = field(default_factory=list)
    _unblocked: set[str] = field(default_factory=set)
    _done: set[tuple[str, str]] = field(default_factory=set)

    def room(self, room_id: str) -> WarRoom | None:
        """The room as it stands within this transaction."""
        if room_id not in self._rooms:
            question = _ROOM.with_for_update() if self.locking else _ROOM
            row = self.connection.execute(question, {"id": room_id}).first()
            self._rooms[room_id] = row and read(row.document)
            if row:
                self._known[room_id] = row.version
        return self._rooms[room_id]

    def expect(self, lookups: Sequence[Lookup]) -> None:
        """Read what a whole batch of reports will ask for, in a question for all of each kind."""
        if not lookups:
            return
        self._ask(lookups)
        alone = [
            lookup
            for lookup in lookups
            if not self._keys[lookup.key] and not self._deliveries[lookup.delivery]
        ]
        rules = {lookup.key[0]: lookup.storm for lookup in alone}
        if rules:
            if storms.take_turns(self.connection, rules):
                self._ask(alone)  # whoever had the turn before may have opened their rooms
            among = {lookup.key[1] for lookup in alone}
            self._storms |= storms.look(self.connection, rules, among, self.now)

    def _ask(self, lookups: Sequence[Lookup]) -> None:
        self._ask_keys({lookup.key for lookup in lookups})
        asked = {lookup.delivery for lookup in lookups}
        self._deliveries |= dict.fromkeys(asked)
        sources, deliveries = map(list, map(set, zip(*asked, strict=True)))
        arguments = {"sources": sources, "deliveries": deliveries}
        for source, delivery, *known in self.connection.execute(_BY_DELIVERY, arguments):
            self._deliveries[source, delivery] = (known[0], known[1])

    def open_room_for(self, policy_id: str, key: str) -> WarRoom | None:
        """The open room that has this deduplication key for itself."""
        if (policy_id, key) not in self._keys:
            self._ask_keys({(policy_id, key)})
        found = self._keys[policy_id, key]
        return self.open_room(found) if found else None

    def open_room(self, room_id: str) -> WarRoom | None:
        """The room, as long as it is open."""
        room = self.room(room_id)
        return room if room and room.state is State.OPEN else None

    def storm(self, policy_id: str, rule: StormRule, key: str) -> Storm:
        """What comes in under a policy; expected, but for a key whose room has just ended."""
        if policy_id not in self._storms:
            self._storms |= storms.look(self.connection, {policy_id: rule}, {key}, self.now)
        return self._storms[policy_id]

    def delivered(self, source: str, delivery_id: str) -> tuple[str, str] | None:
        """The violation and the room of an earlier delivery with this id, which was expected."""
        return self._deliveries[source, delivery_id]

    def add_violation(self, violation: Violation, room: WarRoom, delivery_id: str) -> None:
        """A violation that belongs to `room`, from now on known by its delivery."""
        if room.is_storm and (storm := self._storms.get(room.policy_id)):
            storm.gathered[violation.report.key] = room.id
            storm.going = True
        self._deliveries[violation.source, delivery_id] = (violation.id, room.id)
        self._violations.append(violation_row(violation, room, delivery_id))

    def move_violations(self, violations: Sequence[Violation], room_id: str) -> None:
        """Violations that a storm's room held belong to an ordinary one from now on."""
        moved = {violation.id: room_id for violation in violations}
        self._moved |= moved
        for delivery, known in self._deliveries.items():
            if known and known[0] in moved:
                self._deliveries[delivery] = (known[0], room_id)
        for violation in violations:
            if storm := self._storms.get(violation.report.policy):
                storm.gathered.pop(violation.report.key, None)

    def done(self, room_id: str, delivery: str) -> bool:
        """Whether what came with this delivery is recorded in the room."""
        known = {"room": room_id, "delivery": delivery}
        return (room_id, delivery) in self._done or bool(
            self.connection.execute(_DONE, known).scalar()
        )

    def add_step(
        self,
        before: WarRoom | None,
        step: Step,
        timer: Timer | None,
        outgoing: Outgoing,
        delivery: str | None = None,
    ) -> None:
        """A step of a room's life: its events, its timer, and what follows from it."""
        room = step.room
        self._rooms[room.id] = room
        if delivery:
            self._done.add((room.id, delivery))
        if before is None:
            self._keys[room.policy_id, room.key] = room.id
            if storm := self._storms.get(room.policy_id):
                storm.opened += 1
                storm.room = room.id if room.is_storm else storm.room
        self._timers[room.id] = timer
        for recorded in step.events:
            first = recorded is step.events[0]
            self._events.append(event_row(room.id, recorded, delivery if first else None))
        self.add_effects(outgoing.effects)
        if outgoing.unblocks_pages:
            self._unblocked.add(room.id)

    def add_effects(self, effects: Sequence[EffectRow]) -> None:
        """Something to deliver."""
        self._effects += effects

    def flush(self) -> None:
        """Write everything; ConflictError or IntegrityError when another writer was first."""
        changed = sorted({row["room_id"] for row in self._events})
        new = sorted((room for room in changed if room not in self._known), key=self._place)
        # In one order, so that writers can't wait for each other in a circle; and updates first,
        # so that a key whose room was just decided is free for the next one.
        for room_id in changed:
            if room_id in self._known:
                self._update_room(room_id)
        self._insert(t.rooms, [self._room_row(room_id) for room_id in new])
        self._insert(t.violations, sorted(self._violations, key=_delivery))
        for violation_id, room_id in self._moved.items():
            values = {"room_id": room_id, "gathered_key": None}
            self.connection.execute(_MOVE.values(values), {"moved": violation_id})
        self._insert(t.events, self._events)
        self._write_timers(new)
        self._insert(t.effects, [effect_row(effect) for effect in newest(self._effects)])
        # After the effects: a page of the same batch may wait for the channel that unblocks it.
        for room_id in self._unblocked:
            unblocked = {"room": room_id, "now": self.now}
            self.connection.execute(_UNBLOCK.values(next_attempt_at=self.now), unblocked)
        self.written.rooms.update(changed)
        self.written.effects = bool(self._effects or self._unblocked)
        ring(
            self.connection,
            effects=self.written.effects,
            timers=self.written.next_due is not None,
            rooms=self.written.rooms,
        )

    def _place(self, room_id: str) -> tuple[str, str]:
        room = self._rooms[room_id]
        return (room.policy_id, room.key) if room else ("", "")

    def _ask_keys(self, wanted: set[tuple[str, str]]) -> None:
        self._keys |= dict.fromkeys(wanted)
        policies, keys = map(list, map(set, zip(*wanted, strict=True)))
        arguments = {"policies": policies, "keys": keys}
        for policy, key, room_id in self.connection.execute(_BY_KEY, arguments):
            if (policy, key) in wanted:
                self._keys[policy, key] = room_id

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401 - any table
        if rows:
            self.connection.execute(insert(table), rows)

    def _update_room(self, room_id: str) -> None:
        row = self._room_row(room_id)
        arguments = {"room": room_id, "known": self._known[room_id]}
        done = self.connection.execute(_UPDATE_ROOM.values(**row), arguments)
        if done.rowcount != 1:
            raise ConflictError(f"room {room_id} is past version {self._known[room_id]}")

    def _write_timers(self, new: list[str]) -> None:
        old = [{"room": room_id} for room_id in self._timers if room_id not in new]
        if old:
            self.connection.execute(
                delete(t.timers).where(t.timers.c.room_id == bindparam("room")), old
            )
        rows = [
            {"room_id": room_id, "due_at": timer.due_at, "kind": timer.kind}
            for room_id, timer in self._timers.items()
            if timer
        ]
        self._insert(t.timers, rows)
        if rows:
            self.written.next_due = min(timer.due_at for timer in self._timers.values() if timer)

    def _room_row(self, room_id: str) -> dict[str, Any]:
        room = self._rooms[room_id]
        if room is None:
            raise ValueError(f"room {room_id} has a step but no state")
        return room_row(room)


def _delivery(row: dict[str, Any]) -> tuple[str, str]:
    return row["source"], row["delivery_id"]

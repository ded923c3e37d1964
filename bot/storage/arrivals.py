"""Violations as they arrive, within a transaction: which are known, and where they could go.

Rules
- What a whole batch of reports will ask for is read at once, in a question of each kind.
- A violation stands in its table whole, and has an answer from each policy that it breaks.
- What one order of the batch has done, the later ones see.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, func, select, update

from bot.domain.commands import Held, Remaining
from bot.domain.contents import NEWEST
from bot.domain.makers import Attributed, Maker, in_room
from bot.domain.policy import StormRule
from bot.domain.terms import Terms
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.storage import storms
from bot.storage import tables as t
from bot.storage.open_keys import Key, open_with_keys
from bot.storage.rows import insert_rows
from bot.storage.storms import Storm

_a, _v = t.answers.c, t.violations.c
_BY_DELIVERY = (
    select(_v.source, _v.delivery_id, _v.id, _a.policy_id, _a.kind, _a.room_id, _a.exception_id)
    .outerjoin(t.answers, _a.violation_id == _v.id)
    .where(
        _v.source.in_(bindparam("sources", expanding=True)),
        _v.delivery_id.in_(bindparam("deliveries", expanding=True)),
    )
    .order_by(_a.policy_id)
)
_IN_ROOM = (
    select(_v.document)
    .join(t.answers, _a.violation_id == _v.id)
    .where(_a.room_id == bindparam("room"))
)
_WITH_KEY = (
    _IN_ROOM.add_columns(_a.makers)
    .where(_a.gathered_key == bindparam("key"))
    .order_by(_v.received_at, _v.id)
)
_OTHERS = _IN_ROOM.where(_a.gathered_key != bindparam("key"))
_FIRST = _OTHERS.order_by(_v.received_at, _v.id).limit(1)
_NEWEST = _OTHERS.order_by(_v.received_at.desc(), _v.id.desc()).limit(NEWEST + 1)
_KEYS = select(func.count(_a.gathered_key.distinct())).where(
    _a.room_id == bindparam("room"), _a.gathered_key != bindparam("key")
)
_KEY_OF = select(_a.gathered_key).where(
    _a.violation_id == bindparam("violation"), _a.room_id == bindparam("room")
)
_GATHERED = (
    select(_a.room_id)
    .join(t.rooms, t.rooms.c.id == _a.room_id)
    .where(
        _a.gathered_key == bindparam("key"),
        _a.policy_id == bindparam("policy"),
        t.rooms.c.state == t.OPEN,
    )
    .limit(1)
)
_MOVE = (
    update(t.answers)
    .where(_a.violation_id == bindparam("moved"), _a.policy_id == bindparam("policy"))
    .values(room_id=bindparam("to"), makers=None, gathered_key=None)
)
_MAKERS = TypeAdapter(tuple[Maker, ...])

Delivery = tuple[str, str]  # its source, and its id there


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a report has to ask for: its delivery, and its keys in the policies that ask people.

    Each of these with the policy's limit of new rooms. `bound_key` is the one that is its commit's
    alone, `same` are the keys of the exceptions that could cover it, `pull_request` is its name.
    """

    delivery: Delivery
    rooms: Mapping[Key, StormRule]
    bound_key: str
    same: tuple[str, ...] = ()
    pull_request: str | None = None


class AnswerRow(NamedTuple):
    """What a violation got from a policy: of which kind, and which room or exception it is."""

    policy_id: str
    kind: str
    room_id: str | None = None
    exception_id: str | None = None


class KnownViolation(NamedTuple):
    """A violation that has come before, and its answers in the order of their policies."""

    id: str
    answers: tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Violations with one key that are to leave a storm's room, and what the room keeps."""

    violations: tuple[Held, ...]
    remaining: Remaining


@dataclass
class Arrivals:
    """The violations of one transaction."""

    connection: Connection
    now: datetime
    _keys: dict[Key, str | None] = field(default_factory=dict)
    _deliveries: dict[Delivery, KnownViolation | None] = field(default_factory=dict)
    _storms: dict[str, Storm] = field(default_factory=dict)
    _violations: list[dict[str, Any]] = field(default_factory=list)
    _answers: list[dict[str, Any]] = field(default_factory=list)
    _moved: list[dict[str, Any]] = field(default_factory=list)

    def expect(self, lookups: Sequence[Lookup]) -> None:
        """Read what a whole batch of reports will ask for."""
        if not lookups:
            return
        self._ask(lookups)
        new = [lookup for lookup in lookups if not self._deliveries[lookup.delivery]]
        alone = [look for look in new if not all(self._keys[key] for key in look.rooms)]
        rules = {
            key[0]: storm
            for lookup in alone
            for key, storm in lookup.rooms.items()
            if not self._keys[key]
        }
        if rules:
            if storms.take_turns(self.connection, rules):
                self._ask(alone)  # whoever had the turn before may have opened their rooms
            among = {lookup.bound_key for lookup in alone}
            self._storms |= storms.look(self.connection, rules, among, self.now)

    def expect_keys(self, wanted: set[Key]) -> None:
        """Read at once which open rooms have these deduplication keys for themselves."""
        if not wanted:
            return
        self._keys |= dict.fromkeys(wanted)
        self._keys |= open_with_keys(self.connection, wanted)

    def known(self, source: str, delivery_id: str) -> KnownViolation | None:
        """What is known of an earlier delivery with this id, which was expected."""
        return self._deliveries[source, delivery_id]

    def room_with_key(self, policy_id: str, key: str) -> str | None:
        """The open room that has this deduplication key for itself."""
        if (policy_id, key) not in self._keys:
            self.expect_keys({(policy_id, key)})
        return self._keys[policy_id, key]

    def room_that_holds(self, policy_id: str, key: str) -> str | None:
        """The open room with violations of this key: for itself, or a storm's among others."""
        if own := self.room_with_key(policy_id, key):
            return own
        storm = self._storms.get(policy_id)
        if storm and (gathering := storm.gathered.get(key)):
            return gathering
        asked = {"policy": policy_id, "key": key}
        return self.connection.execute(_GATHERED, asked).scalar()

    def storm(self, policy_id: str, rule: StormRule, key: str) -> Storm:
        """What comes in under a policy; expected, but for a key whose room has just ended."""
        if policy_id not in self._storms:
            self._storms |= storms.look(self.connection, {policy_id: rule}, {key}, self.now)
        return self._storms[policy_id]

    def opened(self, room: WarRoom) -> None:
        """A room was opened in this transaction."""
        self._keys[room.policy_id, room.key] = room.id
        if storm := self._storms.get(room.policy_id):
            storm.opened += 1
            storm.room = room.id if room.is_storm else storm.room

    def add(self, violation: Violation, delivery_id: str, answers: Sequence[AnswerRow]) -> None:
        """A violation with all of its answers, from now on known by its delivery."""
        known = KnownViolation(violation.id, tuple(answers))
        self._deliveries[violation.source, delivery_id] = known
        self._violations.append(
            {
                "id": violation.id,
                "source": violation.source,
                "delivery_id": delivery_id,
                "received_at": violation.received_at,
                "callback": violation.report.callback_url is not None,
                "document": violation.model_dump_json(),
            }
        )

    def in_room(
        self, violation: Violation, room: WarRoom, found: tuple[Attributed, ...], terms: Terms
    ) -> AnswerRow:
        """The answer of a violation that came into `room` under its own terms."""
        key = violation.report.bound_key if room.is_storm else None
        if key and (storm := self._storms.get(room.policy_id)):
            storm.gathered[key] = room.id
            storm.going = True
        makers = _MAKERS.dump_json(_makers(room, found)).decode() if key else None
        return self.answer(
            violation,
            AnswerRow(room.policy_id, t.ROOM, room.id),
            makers=makers,
            gathered_key=key,
            basis=terms.basis.model_dump_json() if terms.basis else None,
        )

    def answer(self, violation: Violation, row: AnswerRow, **more: str | None) -> AnswerRow:
        """The answer of a violation, with what more its row has: the `rule` that cleared it."""
        columns = dict.fromkeys(("makers", "gathered_key", "rule", "basis")) | more
        detected = {"violation_id": violation.id, "detected_at": violation.detected_at}
        self._answers.append({**row._asdict(), **detected, **columns})
        return row

    def leaving(self, room: WarRoom, violation_id: str) -> Leaving | None:
        """What leaves a storm's room with this violation; None where it isn't one of several keys.

        Whatever came into the room in this transaction is written first.
        """
        self._write([each for each in self._answers if each["room_id"] == room.id])
        asked = {"room": room.id, "violation": violation_id}
        key = self.connection.execute(_KEY_OF, asked).scalar()
        if key is None:
            return None
        chosen = {"room": room.id, "key": key}
        first = self._read(_FIRST, chosen)
        if not first:
            return None
        newest = [one for one in reversed(self._read(_NEWEST, chosen)) if one.id != first[0].id]
        keys = self.connection.execute(_KEYS, chosen).scalar_one()
        remaining = Remaining(first=first[0], newest=tuple(newest[-NEWEST:]), one_key=keys == 1)
        leaving = tuple(
            Held(violation=Violation.read(document), makers=_MAKERS.validate_json(makers))
            for document, makers in self.connection.execute(_WITH_KEY, chosen)
        )
        return Leaving(leaving, remaining)

    def move(self, moved: Collection[Violation], policy_id: str, room_id: str) -> None:
        """Violations that a storm's room held have an ordinary one as their answer from now on."""
        ids = {violation.id for violation in moved}
        values = {"policy": policy_id, "to": room_id}
        self._moved += [{"moved": violation.id, **values} for violation in moved]
        for delivery, known in self._deliveries.items():
            if known and known.id in ids:
                answers = (
                    answer._replace(room_id=room_id) if answer.policy_id == policy_id else answer
                    for answer in known.answers
                )
                self._deliveries[delivery] = KnownViolation(known.id, tuple(answers))
        if storm := self._storms.get(policy_id):
            for violation in moved:
                storm.gathered.pop(violation.report.bound_key, None)

    def flush(self, room_id: str | None = None) -> None:
        """Write what came, into one room alone where that is given, and what moved."""
        came = self._answers
        if room_id is not None:
            came = [each for each in came if each["room_id"] == room_id]
        self._write(came)
        if self._moved:
            self.connection.execute(_MOVE, self._moved)
            self._moved = []

    def _write(self, answers: list[dict[str, Any]]) -> None:
        answered = {answer["violation_id"] for answer in answers}
        answers = [each for each in self._answers if each["violation_id"] in answered]
        new = [each for each in self._violations if each["id"] in answered]
        # In one order, so that writers can't wait for each other in a circle.
        new.sort(key=lambda row: (row["source"], row["delivery_id"]))
        insert_rows(self.connection, t.violations, new)
        insert_rows(self.connection, t.answers, answers)
        self._violations = [each for each in self._violations if each["id"] not in answered]
        self._answers = [each for each in self._answers if each["violation_id"] not in answered]

    def _read(self, question: Any, arguments: dict[str, Any]) -> list[Violation]:  # noqa: ANN401 - a question
        documents = self.connection.execute(question, arguments).scalars()
        return [Violation.read(document) for document in documents]

    def _ask(self, lookups: Sequence[Lookup]) -> None:
        own = {key for lookup in lookups for key in lookup.rooms}
        self.expect_keys(own | {(key[0], look.bound_key) for look in lookups for key in look.rooms})
        asked = {lookup.delivery for lookup in lookups}
        self._deliveries |= dict.fromkeys(asked)
        sources, deliveries = map(list, map(set, zip(*asked, strict=True)))
        arguments = {"sources": sources, "deliveries": deliveries}
        for source, delivery, violation, *answer in self.connection.execute(
            _BY_DELIVERY, arguments
        ):
            known = self._deliveries[source, delivery]
            before = known.answers if known else ()
            got = (AnswerRow(*answer),) if answer[0] else ()
            self._deliveries[source, delivery] = KnownViolation(violation, before + got)


def _makers(room: WarRoom, found: tuple[Attributed, ...]) -> tuple[Maker, ...]:
    names = {person.name: room.name_of(person) for each in found for person in each.persons}
    return in_room(found, names)

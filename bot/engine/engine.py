"""The engine: a command goes in, its transaction is committed, the answer comes out.

Rules
- A violation is reported once, by its delivery id; which room it goes to, `room_choice` knows.
- A room keeps the policy that it was opened under, whatever is loaded later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from bot.domain import lifecycle
from bot.domain.commands import Command, Expire, Split
from bot.domain.effect import Effect
from bot.domain.ladder import due_command, next_timer
from bot.domain.lifecycle import Step
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.violation import Report, Violation
from bot.domain.war_room import SYSTEM, TIMEOUT, WarRoom
from bot.engine import room_choice
from bot.engine.followers import Followers
from bot.engine.ids import new_id
from bot.engine.observer import NULL_OBSERVER, Observer
from bot.engine.wakeups import Wakeups
from bot.engine.writer import Order, T, Writer
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.store import Store
from bot.storage.transaction import Lookup, Transaction


class UnknownRoomError(Exception):
    """There is no room with this id."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report: its room as it stands, and whether it was known already."""

    violation_id: str
    room: WarRoom
    duplicate: bool


class Engine:
    """Commands in, answers after the commit; `now` is the process's one clock."""

    def __init__(
        self,
        database: Database,
        policies: Mapping[str, Policy],
        now: Callable[[], datetime],
        wakeups: Wakeups,
        followers: Followers,
        observer: Observer = NULL_OBSERVER,
    ) -> None:
        self.store = Store(database)
        self.now = now
        self.wakeups = wakeups
        self.observer = observer
        self.policies = policies
        self._followers = followers
        self._by_digest = {policy.digest: policy for policy in policies.values()}
        self._writer = Writer(database, now, wakeups.committed, observer)

    async def start(self) -> None:
        """Keep the policies as they are loaded, so that each decision can be explained later."""
        await self._writer.write(self._keep_policies)

    def stop(self) -> None:
        """Finish what was begun."""
        self._writer.stop()

    async def write(self, order: Order[T]) -> T:
        """Any order of our own, in the same group commit."""
        return await self._writer.write(order)

    async def report(
        self, report: Report, initiator: str | None, source: str, delivery_id: str
    ) -> Receipt:
        """Open a room for a violation, or let it join the open one with its key.

        `initiator` is their Slack id where it is known; `report.policy` must be loaded.
        Raises DatabaseUnavailableError.
        """

        def order(transaction: Transaction) -> Receipt:
            return self._report(transaction, report, initiator, source, delivery_id)

        rule = self.policies[report.policy].storm
        lookup = Lookup((source, delivery_id), (report.policy, report.key), rule)
        return await self._writer.write(order, lookup)

    async def handle(
        self, room_id: str, command: Command, actor: str, delivery: str | None = None
    ) -> Step | Refusal:
        """What `command` leads to, committed. UnknownRoomError, DatabaseUnavailableError.

        With a `delivery` that is on record nothing happens again: a step without events.
        """

        def order(transaction: Transaction) -> Step | Refusal:
            if delivery and transaction.done(room_id, delivery):
                return Step(_there(transaction.room(room_id)), ())
            return self.apply(transaction, room_id, command, actor, delivery)

        return await self._writer.write(order)

    async def tick(self, room_id: str) -> bool:
        """Let the clock look at a room, and say whether something was due in it."""
        late = await self._writer.write(lambda transaction: self._tick(transaction, room_id))
        if late is None:
            return False
        self.observer.fired(late.total_seconds())
        return True

    async def deliver(self, effect: Effect) -> None:
        """Have something delivered that belongs to no room."""

        def order(transaction: Transaction) -> None:
            transaction.add_effects([self._followers.row(effect, None, transaction.now)])

        await self._writer.write(order)

    def apply(
        self,
        transaction: Transaction,
        room_id: str,
        command: Command,
        actor: str,
        delivery: str | None = None,
    ) -> Step | Refusal:
        """The same as `handle`, within a transaction that does more."""
        room = transaction.room(room_id)
        if room is None:
            raise UnknownRoomError(f"there is no war room {room_id}")
        policy = self._policy(transaction, room)
        now = max(transaction.now, room.opened_at)  # a clock may be set back
        if isinstance(command, Split):
            command = room_choice.room_for_split(transaction, room, command)
        answer = lifecycle.decide(room, command, actor, policy, now)
        if isinstance(answer, Step):
            self.record(transaction, room, answer, policy, delivery)
            if isinstance(command, Split):
                room_choice.move(transaction, room, command, policy, self)
        return answer

    def record(
        self,
        transaction: Transaction,
        before: WarRoom | None,
        step: Step,
        policy: Policy,
        delivery: str | None = None,
    ) -> None:
        """Have a step written, with its timer and all that follows from it."""
        timer = next_timer(step.room, policy)
        outgoing = self._followers.after(before, step, transaction.now)
        transaction.add_step(before, step, timer, outgoing, delivery)

    def policy_of(self, room: WarRoom) -> Policy:
        """The policy that `room` was opened under."""
        policy = self._by_digest.get(room.policy_digest) or self.store.policy(room.policy_digest)
        if policy is None:
            raise LookupError(f"policy {room.policy_id} {room.policy_digest} is not on record")
        self._by_digest[room.policy_digest] = policy
        return policy

    def _report(
        self,
        transaction: Transaction,
        report: Report,
        initiator: str | None,
        source: str,
        delivery_id: str,
    ) -> Receipt:
        known = transaction.delivered(source, delivery_id)
        if known:
            violation_id, room_id = known
            return Receipt(violation_id, _there(transaction.room(room_id)), duplicate=True)
        now = transaction.now
        violation = Violation(
            id=new_id(16),
            report=report,
            source=source,
            received_at=now,
            detected_at=min(report.detected_at or now, now),
        )
        policy = self.policies[report.policy]
        room = room_choice.place(transaction, violation, initiator, policy, self)
        transaction.add_violation(violation, room, delivery_id)
        return Receipt(violation.id, room, duplicate=False)

    def _tick(self, transaction: Transaction, room_id: str) -> timedelta | None:
        timer = (
            select(tables.timers.c.due_at)
            .where(tables.timers.c.room_id == room_id, tables.timers.c.due_at <= transaction.now)
            .with_for_update(skip_locked=True)
        )
        due_at = transaction.connection.execute(timer).scalar()
        if due_at is None:
            return None  # another process has it, or it was moved
        room = _there(transaction.room(room_id))
        command = due_command(room, self._policy(transaction, room), transaction.now)
        if command is None:
            return None
        actor = TIMEOUT if isinstance(command, Expire) else SYSTEM
        fired = isinstance(self.apply(transaction, room_id, command, actor), Step)
        return transaction.now - due_at if fired else None

    def _policy(self, transaction: Transaction, room: WarRoom) -> Policy:
        known = self._by_digest.get(room.policy_digest)
        if known:
            return known
        question = select(tables.policies.c.document).where(
            tables.policies.c.digest == room.policy_digest
        )
        document = transaction.connection.execute(question).scalar_one()
        policy = Policy.model_validate_json(document)
        self._by_digest[room.policy_digest] = policy
        return policy

    def _keep_policies(self, transaction: Transaction) -> None:
        columns = tables.policies.c
        known = set(transaction.connection.execute(select(columns.digest)).scalars())
        rows = [
            {
                "digest": policy.digest,
                "policy_id": policy.id,
                "document": policy.model_dump_json(),
                "loaded_at": transaction.now,
            }
            for policy in self.policies.values()
            if policy.digest not in known
        ]
        if rows:
            transaction.connection.execute(insert(tables.policies), rows)


def _there(room: WarRoom | None) -> WarRoom:
    if room is None:
        raise LookupError("the database has a violation or a timer of a room that it lacks")
    return room

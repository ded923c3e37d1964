"""The engine: a command goes in, its transaction is committed, the answer comes out.

Rules
- A violation is reported once, by its delivery id; which room it goes to, `room_choice` knows.
- A room keeps the policy that it was opened under, whatever is loaded later.
- What a process is started with, or loads anew, is on record before it does anything with it.
- Whom imports give, the record says: each process has them from there.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from bot.domain import scope
from bot.domain.aggregate import Step
from bot.domain.clearance import CLEARANCE, Clear, Clearance, clear
from bot.domain.commands import Command, IdentifyInitiator, NameInitiator, RecordSuccess, Split
from bot.domain.configuration import CONFIGURATION, STREAM_ID, Configuration, ImportPeople, Load
from bot.domain.effect import Effect
from bot.domain.lifecycle import WAR_ROOM, RoomStep
from bot.domain.person import BY_SYSTEM, Actor
from bot.domain.policy import Policy, Rules
from bot.domain.refusal import Refusal
from bot.domain.violation import Report, Success
from bot.domain.war_room import State, WarRoom
from bot.engine import room_choice
from bot.engine.aggregates import AGGREGATES
from bot.engine.exceptions import Exceptions
from bot.engine.intake import Arrival, Receipt, take_in
from bot.engine.loads import load_recorded, rules_in
from bot.engine.observer import NULL_OBSERVER, Observer
from bot.engine.reported_names import ReportedNames
from bot.engine.streams import Followers, Streams
from bot.engine.verdict_json import ANY_WORKSPACE
from bot.engine.wakeups import Wakeups
from bot.engine.writer import Order, T, Waits, Writer
from bot.policies.claims import unheard, with_claims
from bot.policies.load import Config
from bot.policies.matching import Matcher, NoPolicyError
from bot.storage.arrivals import Lookup
from bot.storage.database import Database
from bot.storage.store import Store, policy_on
from bot.storage.transaction import Stream, Transaction

FACTS_KEPT = 32  # as a body may have 240 KB of them


class UnknownRoomError(Exception):
    """There is no room with this id."""


class Engine:
    """Commands in, answers after the commit; `now` is the process's one clock."""

    def __init__(
        self,
        database: Database,
        config: Config,
        now: Callable[[], datetime],
        wakeups: Wakeups,
        followers: Followers,
        observer: Observer = NULL_OBSERVER,
        workspace: str = ANY_WORKSPACE,
    ) -> None:
        self.store = Store(database)
        self.workspace = workspace  # whose address leads to rooms
        self.now = now
        self.wakeups = wakeups
        self.observer = observer
        self.config, self.people = config, config.people
        self.configuration = 0  # the last event of its stream that is known here
        self.is_outdated = False  # whether something else was loaded last, by another process
        self._load: Load | None = None  # what is loaded here
        self._followers, self.loaded = followers, rules_in(config)  # by the id of the policy
        self._by_digest = {rules.digest: rules for rules in self.loaded.values()}
        self.matcher = Matcher(config.policies.values())
        # A room's pages and its card come one after another, and its facts never change.
        self._facts = lru_cache(maxsize=FACTS_KEPT)(self.store.facts)
        self.streams = Streams(AGGREGATES, followers, self._rules)
        self._writer = Writer(database, now, wakeups.committed, observer)
        self.exceptions = Exceptions(self.streams, self._writer, self._rules)
        self.names = ReportedNames(self._writer, now)

    async def start(self, started_by: str) -> None:
        """Record the configuration, so that each decision can be explained later."""
        await self.reload(self.config, started_by)
        await self.exceptions.adopt(self.store, self.now())

    async def reload(self, config: Config, started_by: str | None) -> bool:
        """Go on with this configuration, once it is on record; no request sees half of it.

        Rooms keep the policies that they were opened under. Where nobody is named it is recorded by
        another process already, or else this one goes on as before. Says whether it holds now.
        """
        loaded = rules_in(config)
        load, current = await self._writer.write(
            lambda order: load_recorded(order, loaded.values(), config, started_by, self.streams)
        )
        if current.differs_from(load):
            return False
        await self.names.configure(config.sources)
        self.config, self._load = config, load
        self.loaded = loaded
        self.matcher = Matcher(config.policies.values())
        self.use(current)
        return True

    def use(self, current: Configuration) -> None:
        """Go on with the configuration on record as it is now, imported people and all.

        Decisions cite it unless it is another process's, which was started with other files.
        """
        self.people = with_claims(self.config.people, current.humans)
        self.configuration = current.version
        self.is_outdated = not self._load or current.differs_from(self._load)
        if self.is_outdated:
            return
        rules = [replace(each, configuration=current.version) for each in self.loaded.values()]
        self.loaded = {each.policy.id: each for each in rules}
        self._by_digest = {each.digest: each for each in rules}

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for what isn't committed yet: what nobody waits for gives way."""
        return self._writer.is_asked

    def stop(self) -> None:
        """Finish what was begun."""
        self._writer.stop()

    async def write(self, order: Order[T], waits: Waits = Waits.NOBODY) -> T:
        """Any order of our own, in the same group commit."""
        return await self._writer.write(order, waits=waits)

    async def report(
        self, report: Report, source: str, delivery_id: str, *, signed_by: str | None = None
    ) -> Receipt:
        """What each policy answers that a violation breaks: a clearance, or a room of its own.

        Where one with its key is open it joins that. A policy that it names must be loaded;
        `signed_by` is the name of the secret that it was signed with, unless it is the source's.
        Raises DatabaseUnavailableError, and NoPolicyError for a new one that breaks no policy.
        """
        trial = self.matcher.tried(report, self.people, signed_by or source, self.now())
        same = {each.policy.id: scope.keys(each.policy, trial.report) for each in trial.judgements}
        arrival = Arrival(
            *(trial.report, trial.behind.makers, source, signed_by, delivery_id),
            *(trial.judgements, same, self.loaded),
        )
        rooms = {(each.policy.id, trial.report.key): each.policy.storm for each in trial.asking}
        receipt = await self._writer.write(
            lambda order: take_in(order, arrival, self),
            Lookup(
                *((source, delivery_id), rooms, trial.report.bound_key),
                tuple(chain.from_iterable(same.values())),
                trial.report.pull_request,
            ),
            Waits.PIPELINE,
        )
        if receipt is None:
            raise trial.refusal or NoPolicyError(None)
        return receipt

    async def succeeded(
        self, policy_id: str, success: Success, delivery_id: str
    ) -> RoomStep | Refusal | None:
        """What a success leads to in the open room that holds its key; None where there is none.

        With a delivery on record: a step without events. Raises DatabaseUnavailableError.
        """

        def order(transaction: Transaction) -> RoomStep | Refusal | None:
            room_id = room_choice.room_of_success(transaction, policy_id, success)
            if room_id is None:
                return None
            if transaction.done(Stream(WAR_ROOM.kind, room_id), delivery_id):
                return Step(self._room(transaction, room_id), ())
            command = RecordSuccess(success=success)
            return self.apply(transaction, room_id, command, BY_SYSTEM, delivery_id)

        return await self._writer.write(order, waits=Waits.PIPELINE)

    async def handle(
        self, room_id: str, command: Command, actor: Actor, delivery: str | None = None
    ) -> RoomStep | Refusal:
        """What `command` leads to, committed. UnknownRoomError, DatabaseUnavailableError.

        With a `delivery` that is on record nothing happens again: a step without events.
        """

        def order(transaction: Transaction) -> RoomStep | Refusal:
            if delivery and transaction.done(Stream(WAR_ROOM.kind, room_id), delivery):
                return Step(self._room(transaction, room_id), ())
            return self.apply(transaction, room_id, command, actor, delivery)

        return await self._writer.write(order)

    async def tick(self, stream: Stream) -> bool:
        """Let the clock look at a stream, and say whether something was due in it."""
        late = await self.write(lambda order: self.streams.tick(order, stream), Waits.PIPELINE)
        if late is None:
            return False
        self.observer.fired(late.total_seconds())
        return True

    async def take_in(self, people: ImportPeople) -> Step[Configuration, Any] | Refusal:
        """Record whom an import gives, where that changes something; `use` makes it hold."""
        return await self._writer.write(
            lambda order: self.streams.apply(order, CONFIGURATION, STREAM_ID, people, BY_SYSTEM)
        )

    async def deliver(self, effect: Effect) -> None:
        """Have something delivered that belongs to no stream."""
        await self.write(lambda order: self.add_effect(order, None, effect))

    def apply(
        self,
        transaction: Transaction,
        room_id: str,
        command: Command,
        actor: Actor,
        delivery: str | None = None,
    ) -> RoomStep | Refusal:
        """The same as `handle`, within a transaction that does more."""
        room = self.identified(transaction, room_id)
        if isinstance(command, NameInitiator):
            users = (person.slack for person in command.persons if person.slack)
            command = command.but(
                persons=tuple(chain.from_iterable(map(self.people.behind, users)))
            )
        command = self.exceptions.with_holding(transaction, room, command)
        if not isinstance(command, Split):
            return self.streams.apply(transaction, WAR_ROOM, room_id, command, actor, delivery)
        command = room_choice.room_for_split(transaction, room, command)
        answer = self.streams.apply(transaction, WAR_ROOM, room_id, command, actor, delivery)
        if isinstance(answer, Step):
            rules = self._rules(transaction.connection, room.policy_digest)
            room_choice.move_violations(transaction, room, command, rules, self)
        return answer

    def add_effect(self, transaction: Transaction, stream: Stream | None, effect: Effect) -> None:
        """Have something more delivered in a stream, within a transaction that does more."""
        state = self.streams.state(transaction, stream) if stream else None
        transaction.add_effects([self._followers.row(effect, transaction.now, stream, state)])

    def open(self, transaction: Transaction, step: RoomStep, rules: Rules) -> None:
        """Have a new room written, within a transaction that does more."""
        self.streams.record(transaction, WAR_ROOM, None, step, rules)
        transaction.arrivals.opened(step.after)

    def clear(self, transaction: Transaction, command: Clear, actor: Actor) -> Clearance:
        """Have a clearance written, within a transaction that does more."""
        step = clear(command, actor, transaction.now)
        self.streams.record(transaction, CLEARANCE, None, step, None)
        return step.after

    def rules_of(self, room: WarRoom) -> Rules:
        """What `room` was opened under, and is decided under; asks the database where it must."""
        known = self._by_digest.get(room.policy_digest)
        return known or self.store.ask(lambda asked: self._rules(asked, room.policy_digest))

    async def rules_for(self, room: WarRoom) -> Rules:
        """The same; only what isn't known here is asked for, in a thread."""
        here = room.policy_digest in self._by_digest
        return self.rules_of(room) if here else await asyncio.to_thread(self.rules_of, room)

    def policy_and_facts(self, room: WarRoom) -> tuple[Policy, dict[str, Any]]:
        """The policy that `room` was opened under, and the facts of the violation it shows.

        A storm's room shows those of none.
        """
        return self.rules_of(room).policy, {} if room.is_storm else self._facts(room.violation.id)

    def identified(self, transaction: Transaction, room_id: str) -> WarRoom:
        """The room once it was told of accounts whose owners the configuration knows by now.

        Before anybody decides in it: whoever made the change may have been listed meanwhile, and an
        initiator be known to have another account.
        """
        room = self._room(transaction, room_id)
        if room.state is State.OPEN:
            for account, owners in unheard(self.people, room):
                command = IdentifyInitiator(account=account, persons=owners)
                self.streams.apply(transaction, WAR_ROOM, room.id, command, BY_SYSTEM)
        return self._room(transaction, room.id)

    @staticmethod
    def _room(transaction: Transaction, room_id: str) -> WarRoom:
        room = transaction.state(WAR_ROOM, room_id)
        if room is None:
            raise UnknownRoomError(f"there is no war room {room_id}")
        return room

    def _rules(self, connection: Connection, digest: str) -> Rules:
        """What was loaded under a digest, now or once. LookupError where nothing was."""
        known = self._by_digest.get(digest)
        if known is None:
            policy = policy_on(connection, digest)
            if policy is None:
                raise LookupError(f"policy {digest} is not on record")
            loaded = next(iter(self.loaded.values()))
            known = self._by_digest[digest] = replace(loaded, policy=policy, digest=digest)
        return known

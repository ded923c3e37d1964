"""A command on any stream, within a transaction: decided by its aggregate, written with all of it.

Rules
- Nothing here knows what a stream is about: its aggregate does.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.domain.aggregate import Aggregate, C, E, S, Step
from bot.domain.effect import Effect
from bot.domain.person import Actor
from bot.domain.refusal import Refusal
from bot.storage.rows import EffectRow, Outgoing
from bot.storage.transaction import Stream, Transaction

# What a digest stands for, as the aggregate's functions want it.
RulesOf = Callable[[Connection, str], Any]
# What a step of one stream leads to in others, within its transaction.
Reaction = Callable[[Transaction, Step[Any, Any]], None]


class Followers(Protocol):
    """What is asked about each step: what the world outside has to be told of it.

    Pure; what they give is written together with the step.
    """

    def after(
        self,
        kind: str,
        before: Any,  # noqa: ANN401 - the state of a stream of this kind
        step: Step[Any, Any],
        states: Sequence[Any],
        now: datetime,
    ) -> Outgoing:
        """What follows from `step`, which led on from `before` over `states`."""

    def row(
        self,
        effect: Effect,
        now: datetime,
        stream: Stream | None = None,
        state: Any = None,  # noqa: ANN401 - the state of the stream
    ) -> EffectRow:
        """An effect as it is to be written; in a stream whose state is given, or in none."""


class Streams:
    """Takes steps; `rules_of` reads what an aggregate decides under."""

    def __init__(
        self,
        aggregates: Iterable[Aggregate[Any, Any, Any]],
        followers: Followers,
        rules_of: RulesOf,
    ) -> None:
        self._aggregates = {aggregate.kind: aggregate for aggregate in aggregates}
        self._followers = followers
        self._rules_of = rules_of
        self._reactions: dict[str, Reaction] = {}

    def react(self, aggregate: Aggregate[S, C, E], reaction: Reaction) -> None:
        """Let something else follow, in other streams, from each step of a stream of this kind."""
        self._reactions[aggregate.kind] = reaction

    def state(self, transaction: Transaction, stream: Stream) -> Any:  # noqa: ANN401 - any stream's
        """A stream as it stands within the transaction; None where there is none."""
        return transaction.state(self._aggregates[stream.kind], stream.id)

    def apply(
        self,
        transaction: Transaction,
        aggregate: Aggregate[S, C, E],
        stream_id: str,
        command: C,
        actor: Actor,
        delivery: str | None = None,
    ) -> Step[S, E] | Refusal:
        """What `command` leads to; the step is part of the transaction."""
        before = transaction.state(aggregate, stream_id)
        rules = self._rules(transaction, aggregate, before)
        answer = aggregate.decide(before, command, actor, rules, transaction.now)
        if isinstance(answer, Step):
            if before is None:
                rules = self._rules(transaction, aggregate, answer.after)
            self.record(transaction, aggregate, before, answer, rules, delivery)
        return answer

    def apply_to(
        self,
        transaction: Transaction,
        stream: Stream,
        command: Any,  # noqa: ANN401 - one of the stream's kind
        actor: Actor,
        delivery: str | None = None,
    ) -> Step[Any, Any] | Refusal:
        """The same on a stream of any kind; a delivery that is on record changes nothing again."""
        aggregate = self._aggregates[stream.kind]
        if delivery and transaction.done(stream, delivery):
            return Step(transaction.state(aggregate, stream.id), ())
        return self.apply(transaction, aggregate, stream.id, command, actor, delivery)

    def record(
        self,
        transaction: Transaction,
        aggregate: Aggregate[S, C, E],
        before: S | None,
        step: Step[S, E],
        rules: Any,  # noqa: ANN401 - whatever the aggregate decides under
        delivery: str | None = None,
    ) -> None:
        """Have a step written, with its timers and all that follows from it."""
        states: list[S] = []
        for recorded in step.events[:-1]:
            states.append(aggregate.evolve(states[-1] if states else before, recorded))
        states.append(step.after)
        outgoing = self._followers.after(aggregate.kind, before, step, states, transaction.now)
        timers = aggregate.next_timers(step.after, rules)
        transaction.add_step(aggregate, step, states, timers, outgoing, delivery)
        if reaction := self._reactions.get(aggregate.kind):
            reaction(transaction, step)

    def tick(self, transaction: Transaction, stream: Stream) -> timedelta | None:
        """Let a stream do what is due in it; gives how late that was, None where nothing was."""
        aggregate = self._aggregates[stream.kind]
        timer = transaction.timer_due(stream, aggregate.timers)
        if timer is None:
            return None  # another process has it, or it was moved
        state = transaction.state(aggregate, stream.id)
        if state is None:
            raise LookupError(f"the database has a timer of {stream.kind} {stream.id}, but not it")
        rules = self._rules(transaction, aggregate, state)
        due = aggregate.due_command(state, rules, transaction.now)
        if due is None:
            return None
        fired = isinstance(self.apply(transaction, aggregate, stream.id, *due), Step)
        return transaction.now - timer.due_at if fired else None

    def _rules(
        self, transaction: Transaction, aggregate: Aggregate[S, C, E], state: S | None
    ) -> Any:  # noqa: ANN401 - whatever the aggregate decides under
        digest = None if state is None else aggregate.rules(state)
        return None if digest is None else self._rules_of(transaction.connection, digest)

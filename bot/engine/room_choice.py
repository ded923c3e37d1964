"""Which room a violation goes to: one with its key, a storm's, or one of its own.

Rules
- The open room with its key comes first, then a storm's room that holds its key already; never one
  that is about another commit or digest, whatever they have in common.
- Past the policy's limit of rooms in a period all goes to one room, until none came for that long.
- A room past its deadline is settled by the clock's rule before anything else joins it.
- What is split off from a storm is like any violation that came in alone: its room has the whole
  window, under the policy of the storm's room, and knows of a success that the storm's room knows.
"""

from dataclasses import replace
from typing import Protocol

from bot.domain import lifecycle
from bot.domain.aggregate import Step
from bot.domain.commands import Command, Expire, Join, RecordSuccess, Split
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.makers import Attributed, attributed
from bot.domain.person import BY_SYSTEM, BY_TIMEOUT, SYSTEM, Actor
from bot.domain.policy import Rules
from bot.domain.refusal import Refusal
from bot.domain.terms import Terms
from bot.domain.violation import Report, Success, Violation
from bot.domain.war_room import State, WarRoom
from bot.engine.ids import new_id
from bot.storage.transaction import Transaction

ROOM_ID = 10


class Steps(Protocol):
    """How a room takes a step within a transaction."""

    def apply(
        self, transaction: Transaction, room_id: str, command: Command, actor: Actor
    ) -> lifecycle.RoomStep | Refusal:
        """Let a room take a command."""

    def open(self, transaction: Transaction, step: lifecycle.RoomStep, rules: Rules) -> None:
        """Have a new room written."""


def choose_room(
    transaction: Transaction,
    violation: Violation,
    makers: tuple[Attributed, ...],
    rules: Rules,
    terms: Terms,
    steps: Steps,
) -> WarRoom:
    """The room that has the violation now, which people decide on under these terms."""
    policy, key = rules.policy, violation.report.bound_key
    command = Join(violation=violation, makers=makers, terms=terms)
    room = open_room_for(transaction, policy.id, violation.report)
    if joined := _join(transaction, room, command, steps):
        return joined
    storm = transaction.arrivals.storm(policy.id, policy.storm, key)
    rages = storm.rages(policy.storm)
    holding = storm.gathered.get(key)
    for room_id in (holding, storm.room if rages else None):
        room = _open_room(transaction, room_id)
        if room and room.full and room_id != holding:
            continue
        if joined := _join(transaction, room, command, steps):
            return joined
    return _open(transaction, new_id(ROOM_ID), command, rules, steps, is_storm=rages)


def open_room_for(transaction: Transaction, policy_id: str, report: Report) -> WarRoom | None:
    """The open room that has the key of what is reported, and is about its commit and digest."""
    for key in (report.key, report.bound_key):
        room = _open_room(transaction, transaction.arrivals.room_with_key(policy_id, key))
        if room and room.violation.report.is_of_same_commit(report):
            return room
    return None


def room_of_success(transaction: Transaction, policy_id: str, success: Success) -> str | None:
    """The open room with failures of a check that has succeeded: of its commit, if it has one."""
    for key in (success.key, success.bound_key):
        room = _open_room(transaction, transaction.arrivals.room_that_holds(policy_id, key))
        commits = (None, room and room.violation.report.origin.commit)
        if room and (room.is_storm or success.commit in commits):
            return room.id
    return None


def room_for_split(transaction: Transaction, room: WarRoom, command: Split) -> Split:
    """The command with what leaves, what stays, and the room that is to have what leaves."""
    leaving = transaction.arrivals.leaving(room, command.violation_id)
    if leaving is None:
        return command
    own = open_room_for(transaction, room.policy_id, leaving.violations[0].violation.report)
    there = own and transaction.now < own.expires_at
    return command.but(
        to=own.id if own and there else new_id(ROOM_ID),
        leaving=leaving.violations,
        remaining=leaving.remaining,
    )


def move_violations(
    transaction: Transaction, room: WarRoom, command: Split, rules: Rules, steps: Steps
) -> None:
    """What has left `room` goes where the command says; the room is as it was before.

    The policy names people as the room knows them: the configuration may call them otherwise now.
    """
    rules = replace(rules, people={**rules.people, **room.people})
    report = command.leaving[0].violation.report
    there = open_room_for(transaction, room.policy_id, report)
    for held in command.leaving:
        makers = tuple(attributed(maker, room.owners, room.people, SYSTEM) for maker in held.makers)
        join = Join(violation=held.violation, makers=makers, terms=room.terms)
        there = _join(transaction, there, join, steps) or _open(
            transaction, command.to, join, rules, steps
        )
    for success in room.successes:
        if success.key == report.key:
            steps.apply(transaction, command.to, RecordSuccess(success=success), BY_SYSTEM)
    moved = [held.violation for held in command.leaving]
    transaction.arrivals.move(moved, room.policy_id, command.to)


def _open_room(transaction: Transaction, room_id: str | None) -> WarRoom | None:
    room = transaction.state(WAR_ROOM, room_id) if room_id else None
    return room if room and room.state is State.OPEN else None


def _join(
    transaction: Transaction, room: WarRoom | None, command: Join, steps: Steps
) -> WarRoom | None:
    if room is None:
        return None
    if transaction.now >= room.expires_at:
        steps.apply(transaction, room.id, Expire(), BY_TIMEOUT)
        return None
    answer = steps.apply(transaction, room.id, command, BY_SYSTEM)
    return answer.after if isinstance(answer, Step) else None


def _open(
    transaction: Transaction,
    room_id: str,
    first: Join,
    rules: Rules,
    steps: Steps,
    *,
    is_storm: bool = False,
) -> WarRoom:
    report = first.violation.report
    taken = _open_room(transaction, transaction.arrivals.room_with_key(rules.policy.id, report.key))
    step = lifecycle.open_room(
        room_id,
        first.violation,
        first.makers,
        rules,
        transaction.now,
        terms=first.terms,
        is_storm=is_storm,
        key=report.bound_key if taken and not is_storm else None,
    )
    steps.open(transaction, step, rules)
    return step.after

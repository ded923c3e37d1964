"""Which room a violation goes to: one with its key, a storm's, or one of its own.

Rules
- The open room with its key comes first, then a storm's room that holds its key already.
- Past the policy's limit of rooms in a period all goes to one room, until none came for that long.
- A room past its deadline is settled by the clock's rule before anything else joins it.
- What is set apart from a storm is like any violation that came in alone: its room has the whole
  window, under the policy of the storm's room.
"""

from typing import Protocol

from bot.domain import lifecycle, storm
from bot.domain.commands import Command, Expire, Join, Split
from bot.domain.lifecycle import Step
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.violation import Violation
from bot.domain.war_room import SYSTEM, TIMEOUT, WarRoom
from bot.engine.ids import new_id
from bot.storage.transaction import Transaction

ROOM_ID = 10


class Steps(Protocol):
    """How a room takes a step within a transaction."""

    def apply(
        self, transaction: Transaction, room_id: str, command: Command, actor: str
    ) -> Step | Refusal:
        """Let a room take a command."""

    def record(
        self, transaction: Transaction, before: WarRoom | None, step: Step, policy: Policy
    ) -> None:
        """Have a step written."""


def place(
    transaction: Transaction,
    violation: Violation,
    initiator: str | None,
    policy: Policy,
    steps: Steps,
) -> WarRoom:
    """The room that has the violation now."""
    key = violation.report.key
    command = Join(violation=violation, initiator=initiator)
    joined = _join(transaction, transaction.open_room_for(policy.id, key), command, steps)
    if joined:
        return joined
    now = transaction.storm(policy.id, policy.storm, key)
    rages = now.rages(policy.storm)
    is_storm = [now.gathered.get(key), now.room if rages else None]
    for room_id in filter(None, is_storm):
        room = transaction.open_room(room_id)
        if room and room.full and room_id != is_storm[0]:
            continue
        if joined := _join(transaction, room, command, steps):
            return joined
    return _open(transaction, new_id(ROOM_ID), command, policy, steps, is_storm=rages)


def room_for_split(transaction: Transaction, room: WarRoom, command: Split) -> Split:
    """The command with the room that is to have the violation: the one with its key, or another."""
    leaving = storm.together(room, command.violation_id)
    own = leaving and transaction.open_room_for(room.policy_id, leaving[0].report.key)
    there = own and transaction.now < own.expires_at
    return command.model_copy(update={"to": own.id if own and there else new_id(ROOM_ID)})


def move(
    transaction: Transaction, room: WarRoom, command: Split, policy: Policy, steps: Steps
) -> None:
    """What has left `room` goes where the command says; the room is as it was before."""
    leaving = storm.together(room, command.violation_id)
    there = transaction.open_room_for(policy.id, leaving[0].report.key)
    for violation in leaving:
        join = Join(violation=violation, initiator=room.initiator_of.get(violation.id))
        there = _join(transaction, there, join, steps) or _open(
            transaction, command.to, join, policy, steps
        )
    transaction.move_violations(leaving, command.to)


def _join(
    transaction: Transaction, room: WarRoom | None, command: Join, steps: Steps
) -> WarRoom | None:
    if room is None:
        return None
    if transaction.now >= room.expires_at:
        steps.apply(transaction, room.id, Expire(), TIMEOUT)
        return None
    answer = steps.apply(transaction, room.id, command, SYSTEM)
    return answer.room if isinstance(answer, Step) else None


def _open(
    transaction: Transaction,
    room_id: str,
    first: Join,
    policy: Policy,
    steps: Steps,
    *,
    is_storm: bool = False,
) -> WarRoom:
    step = lifecycle.open_room(
        room_id, first.violation, first.initiator, policy, transaction.now, is_storm=is_storm
    )
    steps.record(transaction, None, step, policy)
    return step.room

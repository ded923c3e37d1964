"""What tests of engine and outbox are given: kinds without limits, and what follows from events."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.aggregate import Recorded
from bot.domain.effect import Change, Effect
from bot.domain.events import Event
from bot.domain.lifecycle import WAR_ROOM, RoomStep
from bot.domain.war_room import WarRoom
from bot.integrations.registry import with_built_in
from bot.integrations.slack.follow import FOLLOW
from bot.outbox.budgets import UNLIMITED, Budget, Cost
from bot.outbox.enqueue import RegisteredFollowers
from bot.outbox.kinds import Kinds
from bot.storage.transaction import Stream, Transaction
from tests.build import START, rules

BUILT_IN = with_built_in()
REGISTERED = BUILT_IN.effect_kinds


def in_slack(
    before: WarRoom | None, recorded: Recorded[Event], after: WarRoom
) -> tuple[Effect, ...]:
    """What Slack is told after an event, which led from `before` to `after`."""
    change = Change(before, after, recorded.seq, recorded.actor)
    return FOLLOW[type(recorded.event)](recorded.event, change)


def limited(limits: Budget, costs: Mapping[str, Cost]) -> Kinds:
    """All kinds, where one destination has these limits and only these kinds cost something."""
    only = replace(REGISTERED[0].destination, limits=limits)
    return Kinds(replace(kind, destination=only, cost=costs.get(kind.name)) for kind in REGISTERED)


KINDS = Kinds(
    replace(kind, destination=replace(kind.destination, limits=UNLIMITED)) for kind in REGISTERED
)
FOLLOWING = RegisteredFollowers(KINDS, BUILT_IN.followers)


def add(
    connection: Connection,
    effects: Iterable[Effect],
    room: WarRoom | None,
    now: datetime = START,
) -> None:
    """Have effects written."""
    transaction = Transaction(connection, now)
    stream = Stream(WAR_ROOM.kind, room.id) if room else None
    transaction.add_effects([FOLLOWING.row(effect, now, stream, room) for effect in effects])
    transaction.flush()


def add_step(transaction: Transaction, before: WarRoom | None, step: RoomStep) -> None:
    """A step of a room with one event, and what follows from it."""
    states = [step.after]
    timers = WAR_ROOM.next_timers(step.after, rules())
    following = FOLLOWING.after(WAR_ROOM.kind, before, step, states, transaction.now)
    transaction.add_step(WAR_ROOM, step, states, timers, following)

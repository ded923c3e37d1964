"""What a card, a page or a form is made of: a room with all that is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from bot.domain.answers import Answered
from bot.domain.earlier import EarlierRooms
from bot.domain.exception import PolicyException
from bot.domain.policy import Policy
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.engine.engine import Engine
from bot.storage import exceptions
from bot.storage.earlier import earlier_rooms

NOTHING_BEFORE = EarlierRooms()


@dataclass(frozen=True, slots=True, eq=False)  # each is itself: what was made of it is found by it
class About:
    """A room as it is at `now`, its policy, and the facts of the violation that it shows.

    `earlier` is what there was before on its subject, `besides` what other policies answered to the
    violation that it shows, `exception` what its decision allows besides. `whole` is that violation
    with all that was reported of it, where somebody wants to see it.
    """

    room: WarRoom
    policy: Policy
    facts: Mapping[str, Any]
    now: datetime
    earlier: EarlierRooms = NOTHING_BEFORE
    besides: tuple[Answered, ...] = ()
    exception: PolicyException | None = None
    whole: Violation | None = None


def about(engine: Engine, room: WarRoom) -> About:
    """All that is told of `room`; asks the database."""
    policy, facts = engine.policy_and_facts(room)
    answers: tuple[Answered, ...] | None = ()
    if room.basis and room.basis.besides and not room.is_storm:
        answers = engine.store.answers(room.violation.id)
    besides = tuple(each for each in answers or () if each.policy_id != room.policy_id)
    earlier, exception = earlier_rooms(engine.store, room), None
    if room.decision:
        exception = engine.store.ask(partial(exceptions.exception, exception_id=room.id))
    return About(room, policy, facts, engine.now(), earlier, besides, exception)

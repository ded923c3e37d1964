"""A legal hold: what is kept of a person or a war room until the hold is lifted.

Rules
- While it is in force nothing of what it holds is erased, by nobody's order and by no period.
- Who placed and who lifted it, and why, is on record. One that is lifted stays so.
"""

from datetime import datetime
from typing import Literal, assert_never

from pydantic import AwareDatetime

from bot.domain.aggregate import Aggregate, Happened, Recorded, Step, Unknown
from bot.domain.order import Order
from bot.domain.person import Actor, Person
from bot.domain.personal import FreeText, PersonName
from bot.domain.refusal import Refusal, Why
from bot.domain.value import StoredValue

KIND = "hold"
IN_FORCE, LIFTED = "in_force", "lifted"


class HoldPlaced(Happened):
    """From now on a person is held, or a war room."""

    kind: Literal["hold_placed"] = "hold_placed"
    hold_id: str
    person: PersonName | None
    room_id: str | None
    reason: FreeText


class HoldLifted(Happened):
    """Nothing is held by it any more."""

    kind: Literal["hold_lifted"] = "hold_lifted"
    reason: FreeText


Event = HoldPlaced | HoldLifted | Unknown


class PlaceHold(Order):
    """Hold this person, or this war room."""

    verb = "place a legal hold"
    id: str
    person: Person | None = None
    room_id: str | None = None
    reason: str


class LiftHold(Order):
    """Hold it no more."""

    verb = "lift a legal hold"
    reason: str


Command = PlaceHold | LiftHold


class Hold(StoredValue):
    """A hold as its events give it; `by` is the account that placed it."""

    id: str
    version: int
    state: str
    people: dict[str, Person]
    person: str | None
    room_id: str | None
    reason: str
    by: str
    at: AwareDatetime

    @property
    def held(self) -> Person | None:
        """The person who is held."""
        return self.people[self.person] if self.person else None


def decide(
    before: Hold | None, command: Command, actor: Actor, _: None, now: datetime
) -> Step[Hold, Event] | Refusal:
    """The step that a command leads to, or why it changes nothing."""
    event: HoldPlaced | HoldLifted
    if isinstance(command, PlaceHold):
        if before:
            return Refusal(Why.NOTHING_TO_DO, f"Legal hold {before.id} is placed already.")
        name = command.person and command.person.name
        event = HoldPlaced(
            hold_id=command.id, person=name, room_id=command.room_id, reason=command.reason
        )
        met = (command.person,) if command.person else ()
    elif before is None:
        return Refusal(Why.NOTHING_TO_DO, "There is no such legal hold.")
    elif before.state == LIFTED:
        return Refusal(Why.NOTHING_TO_DO, f"Legal hold {before.id} was lifted before.")
    else:
        event, met = HoldLifted(reason=command.reason), ()
    recorded: Recorded[Event] = Recorded(
        seq=before.version + 1 if before else 1,
        at=now,
        actor=actor.person.name,
        event=event,
        state=LIFTED if isinstance(event, HoldLifted) else IN_FORCE,
        account=actor.account,
        met=met,
    )
    return Step(evolve(before, recorded), (recorded,))


def evolve(before: Hold | None, recorded: Recorded[Event]) -> Hold:
    """The hold after an event; ValueError where it is out of order."""
    event = recorded.event
    if (before.version if before else 0) != recorded.seq - 1:
        raise ValueError(f"event {recorded.seq} does not follow on {before and before.version}")
    if isinstance(event, HoldPlaced):
        return Hold(
            id=event.hold_id,
            version=recorded.seq,
            state=recorded.state,
            people={person.name: person for person in recorded.met},
            person=event.person,
            room_id=event.room_id,
            reason=event.reason,
            by=recorded.account or recorded.actor,
            at=recorded.at,
        )
    if before is None:
        raise ValueError("a hold begins with its placing")
    match event:
        case HoldLifted() | Unknown():
            return before.but(version=recorded.seq, state=recorded.state)
    assert_never(event)


HOLD: Aggregate[Hold, Command, Event] = Aggregate(
    kind=KIND,
    events=(HoldPlaced, HoldLifted),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)

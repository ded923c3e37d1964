"""An erasure: that personal values were deleted, on whose order, and how many; a stream of its own.

Rules
- It is over with its one event, which says nothing of the person: neither who, nor in which rooms.
- The order is a ticket's name or a reason, in the words of whoever gave it; it stands apart like
  all free text, with the account of whoever runs the bot's machine.
- What a retention period has removed is recorded in the same way, and the period is the order.
"""

from datetime import datetime
from typing import Literal

from bot.domain.aggregate import Aggregate, Happened, Recorded, Step, Unknown
from bot.domain.order import Order
from bot.domain.person import Actor, Person
from bot.domain.personal import FreeText
from bot.domain.refusal import Refusal, Why
from bot.domain.value import StoredValue, StoredWord

KIND = "erasure"


class ErasedFor(StoredWord):
    """Why something was erased."""

    PERSON = "person"
    RETENTION = "retention"


class Erased(Happened):
    """Personal values are gone: so many, of so many events, rooms and other streams."""

    kind: Literal["erased"] = "erased"
    erasure_id: str
    erased_for: ErasedFor
    order: FreeText
    values: int
    events: int
    rooms: int
    streams: int
    violations: int


Event = Erased | Unknown


class Erase(Order):
    """Record this."""

    verb = "erase"
    erased: Erased


class Erasure(StoredValue):
    """An erasure as its event gives it."""

    id: str
    version: int
    people: dict[str, Person] = {}
    erased: Erased


def decide(
    before: Erasure | None, command: Erase, actor: Actor, _: None, now: datetime
) -> Step[Erasure, Event] | Refusal:
    """The one step that there is."""
    if before is not None:
        return Refusal(Why.NOTHING_TO_DO, "That erasure is on record.")
    recorded: Recorded[Event] = Recorded(
        seq=1,
        at=now,
        actor=actor.person.name,
        event=command.erased,
        state="erased",
        account=actor.account,
    )
    return Step(evolve(None, recorded), (recorded,))


def evolve(before: Erasure | None, recorded: Recorded[Event]) -> Erasure:
    """The erasure after an event; ValueError where there is one already."""
    event = recorded.event
    if isinstance(event, Unknown):
        if before is None:
            raise ValueError("an erasure begins with what was erased")
        return before.but(version=recorded.seq)
    if before is not None:
        raise ValueError(f"event {recorded.seq}: {before.id} is recorded a second time")
    return Erasure(id=event.erasure_id, version=recorded.seq, erased=event)


ERASURE: Aggregate[Erasure, Erase, Event] = Aggregate(
    kind=KIND,
    events=(Erased,),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)

"""A clearance: a violation that a rule or a band of its policy allows, without anybody being asked.

Rules
- It is decided in the moment in which the violation comes in, by what somebody has approved
  beforehand: the rule is its author, and the record has where that stands.
- It is over with its one event: whatever is looked at afterwards is a follow-up, and changes no
  verdict.
"""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from bot.domain.aggregate import Aggregate, Happened, Recorded, Step
from bot.domain.order import Order
from bot.domain.person import Actor, Person
from bot.domain.personal import FreeText, PersonName
from bot.domain.refusal import Refusal, Why
from bot.domain.terms import Basis, Cited
from bot.domain.value import StoredValue
from bot.domain.violation import Violation

KIND = "clearance"
CLEARED = "cleared"


def stream_id(violation_id: str, policy_id: str) -> str:
    """The id of the stream of a violation that one of its policies clears."""
    return f"{violation_id}.{policy_id}"


class Clear(Order):
    """A rule or a band allows a violation; `owner` is who answers for a rule."""

    verb = "clear a violation"
    violation: Violation
    policy_id: str
    rule: Cited
    reason: str
    basis: Basis
    owner: Person | None = None


class AutoCleared(Happened):
    """A rule or a band has allowed a violation."""

    kind: Literal["auto_cleared"] = "auto_cleared"
    violation: Violation
    policy_id: str
    rule: Cited
    reason: FreeText
    basis: Basis
    owner: PersonName | None = None


class Clearance(StoredValue):
    """What a rule has allowed, without the violation's facts."""

    id: str
    version: int
    violation: Violation
    policy_id: str
    rule: Cited
    reason: str
    basis: Basis
    at: AwareDatetime
    owner: str | None = None
    people: dict[str, Person] = {}


def decide(
    before: Clearance | None, command: Clear, actor: Actor, _: None, now: datetime
) -> Step[Clearance, AutoCleared] | Refusal:
    """The one step that there is."""
    if before is not None:
        return Refusal(Why.NOTHING_TO_DO, "That violation was cleared under this policy before.")
    return clear(command, actor, now)


def clear(command: Clear, actor: Actor, now: datetime) -> Step[Clearance, AutoCleared]:
    """The step of a violation that is new."""
    owner = command.owner
    event = AutoCleared(
        violation=command.violation,
        policy_id=command.policy_id,
        rule=command.rule,
        reason=command.reason,
        basis=command.basis,
        owner=owner and owner.name,
    )
    recorded = Recorded(
        seq=1,
        at=now,
        actor=actor.person.name,
        event=event,
        state=CLEARED,
        met=(owner,) if owner else (),
    )
    return Step(evolve(None, recorded), (recorded,))


def evolve(before: Clearance | None, recorded: Recorded[AutoCleared]) -> Clearance:
    """The clearance that its event gives; ValueError where there is one already."""
    if before is not None:
        raise ValueError(f"event {recorded.seq}: {before.id} is cleared a second time")
    event = recorded.event
    return Clearance(
        id=stream_id(event.violation.id, event.policy_id),
        version=recorded.seq,
        violation=event.violation.brief,
        policy_id=event.policy_id,
        rule=event.rule,
        reason=event.reason,
        basis=event.basis,
        at=recorded.at,
        owner=event.owner,
        people={person.name: person for person in recorded.met},
    )


CLEARANCE: Aggregate[Clearance, Clear, AutoCleared] = Aggregate(
    kind=KIND,
    events=(AutoCleared,),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)

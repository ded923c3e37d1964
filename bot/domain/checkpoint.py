"""A checkpoint of the log that was signed: a stream of its own, over with its one event.

Rules
- It is an event like any other, so a leaf of the log too: a later checkpoint covers it.
- The bot signs it, and nobody orders it; nothing in it is personal.
"""

from datetime import datetime
from typing import Literal

from bot.domain.aggregate import Aggregate, Happened, Recorded, Step, Unknown
from bot.domain.person import Actor, Person
from bot.domain.refusal import Refusal, Why
from bot.domain.value import StoredValue, Value

KIND = "checkpoint"
SIGNED = "signed"


class Sign(Value):
    """The log is signed at a size: its note, whole, with the log's own signatures."""

    size: int
    note: str
    keys: tuple[str, ...] = ()


class CheckpointSigned(Happened):
    """A checkpoint was made; the note names the log, its size and its root.

    `keys` are the verifier keys of those that signed, so that they are known once they are retired.
    """

    kind: Literal["checkpoint_signed"] = "checkpoint_signed"
    size: int
    note: str
    keys: tuple[str, ...] = ()


Event = CheckpointSigned | Unknown


class SignedCheckpoint(StoredValue):
    """A checkpoint, called by its size."""

    id: str
    version: int
    note: str = ""
    people: dict[str, Person] = {}


def decide(
    before: SignedCheckpoint | None, command: Sign, actor: Actor, _: None, now: datetime
) -> Step[SignedCheckpoint, Event] | Refusal:
    """The one step that there is."""
    if before is not None:
        return Refusal(Why.NOTHING_TO_DO, "There is a checkpoint of this size.")
    return sign(command, actor, now)


def sign(command: Sign, actor: Actor, now: datetime) -> Step[SignedCheckpoint, Event]:
    """The step of a size at which there is none yet."""
    event = CheckpointSigned(size=command.size, note=command.note, keys=command.keys)
    recorded: Recorded[Event] = Recorded(
        seq=1, at=now, actor=actor.person.name, event=event, state=SIGNED
    )
    after = SignedCheckpoint(id=str(command.size), version=1, note=command.note)
    return Step(after, (recorded,))


def evolve(before: SignedCheckpoint | None, recorded: Recorded[Event]) -> SignedCheckpoint:
    """The checkpoint after its event. ValueError where it has one already."""
    event = recorded.event
    if isinstance(event, CheckpointSigned):
        if before is not None:
            raise ValueError(f"event {recorded.seq}: checkpoint {before.id} is signed again")
        return SignedCheckpoint(id=str(event.size), version=recorded.seq, note=event.note)
    if before is None:
        raise ValueError(f"event {recorded.seq} is no checkpoint's first")
    return before.but(version=recorded.seq)


CHECKPOINT: Aggregate[SignedCheckpoint, Sign, Event] = Aggregate(
    kind=KIND,
    events=(CheckpointSigned,),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)

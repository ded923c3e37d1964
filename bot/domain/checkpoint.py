"""A checkpoint of the log that was signed: a stream of its own.

Rules
- Its events are leaves of the log like any other, so a later checkpoint covers them.
- The bot signs it, and nobody orders it; nothing in it is personal.
- That it is posted where people keep it is on record before it is: no restart posts it twice.
- That a witness refused it is on record once for each witness: whoever asks again, and in whatever
  process, adds nothing.
"""

from datetime import datetime
from typing import Literal, assert_never

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


class RecordRefusal(Value):
    """A witness doesn't cosign it, and why; told in a Slack channel where one is given."""

    witness: str
    why: str
    channel: str = ""


class Post(Value):
    """It is to stand as a message in a Slack channel."""

    channel: str


class CheckpointSigned(Happened):
    """A checkpoint was made; the note names the log, its size and its root.

    `keys` are the verifier keys of those that signed, so that they are known once they are retired.
    """

    kind: Literal["checkpoint_signed"] = "checkpoint_signed"
    size: int
    note: str
    keys: tuple[str, ...] = ()


class WitnessRefused(Happened):
    """A witness didn't cosign: it may have seen another history than this log's."""

    kind: Literal["witness_refused"] = "witness_refused"
    witness: str
    why: str
    channel: str = ""


class CheckpointPosted(Happened):
    """It goes into a Slack channel, which keeps it where the bot's database can't reach."""

    kind: Literal["checkpoint_posted"] = "checkpoint_posted"
    channel: str


Command = Sign | RecordRefusal | Post
Event = CheckpointSigned | WitnessRefused | CheckpointPosted | Unknown


class SignedCheckpoint(StoredValue):
    """A checkpoint, called by its size, and the witnesses that refused it."""

    id: str
    version: int
    note: str = ""
    refused_by: tuple[str, ...] = ()
    people: dict[str, Person] = {}


def decide(
    before: SignedCheckpoint | None, command: Command, actor: Actor, _: None, now: datetime
) -> Step[SignedCheckpoint, Event] | Refusal:
    """What a command on a checkpoint leads to."""
    if isinstance(command, Sign):
        if before is not None:
            return Refusal(Why.NOTHING_TO_DO, "There is a checkpoint of this size.")
        return sign(command, actor, now)
    if before is None:
        return Refusal(Why.NOTHING_TO_DO, "There is no checkpoint of this size.")
    event: WitnessRefused | CheckpointPosted
    if isinstance(command, Post):
        event = CheckpointPosted(channel=command.channel)
    elif command.witness in before.refused_by:
        return Refusal(Why.NOTHING_TO_DO, "That this witness refused it is on record.")
    else:
        event = WitnessRefused(witness=command.witness, why=command.why, channel=command.channel)
    recorded: Recorded[Event] = Recorded(
        seq=before.version + 1, at=now, actor=actor.person.name, event=event, state=SIGNED
    )
    return Step(evolve(before, recorded), (recorded,))


def sign(command: Sign, actor: Actor, now: datetime) -> Step[SignedCheckpoint, Event]:
    """The step of a size at which there is none yet."""
    event = CheckpointSigned(size=command.size, note=command.note, keys=command.keys)
    recorded: Recorded[Event] = Recorded(
        seq=1, at=now, actor=actor.person.name, event=event, state=SIGNED
    )
    after = SignedCheckpoint(id=str(command.size), version=1, note=command.note)
    return Step(after, (recorded,))


def evolve(before: SignedCheckpoint | None, recorded: Recorded[Event]) -> SignedCheckpoint:
    """The checkpoint after an event. ValueError where it doesn't fit."""
    event = recorded.event
    if isinstance(event, CheckpointSigned):
        if before is not None:
            raise ValueError(f"event {recorded.seq}: checkpoint {before.id} is signed again")
        return SignedCheckpoint(id=str(event.size), version=recorded.seq, note=event.note)
    if before is None:
        raise ValueError(f"event {recorded.seq} is no checkpoint's first")
    match event:
        case WitnessRefused():
            refused_by = (*before.refused_by, event.witness)
            return before.but(version=recorded.seq, refused_by=refused_by)
        case CheckpointPosted() | Unknown():
            return before.but(version=recorded.seq)
        case _:
            assert_never(event)


CHECKPOINT: Aggregate[SignedCheckpoint, Command, Event] = Aggregate(
    kind=KIND,
    events=(CheckpointSigned, WitnessRefused, CheckpointPosted),
    timers=frozenset(),
    evolve=evolve,
    decide=decide,
    next_timers=lambda *_: (),
    due_command=lambda *_: None,
    rules=lambda _: None,
)

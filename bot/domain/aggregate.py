"""What every kind of stream has: how it decides, what its events make of it, when it is due.

Rules
- An aggregate is a value of pure functions. Whoever runs one needs to know no more than this.
- A step's events lead from the state before to the state after it; nothing else changes a state.
- A timer is known by its name: a stream has one of each name at most.
- What a newer version wrote and this one doesn't know is left to it: events are counted, and
  change nothing here; timers of other names than `timers` are neither fired nor moved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue

from bot.domain.person import Actor, Person
from bot.domain.refusal import Refusal
from bot.domain.value import StoredValue, Value


class Happened(StoredValue):
    """What every event is: of a kind, in a shape that is numbered."""

    schema_number: ClassVar[int] = 1
    kind: str


def kind_of(event: type[Happened]) -> str:
    """The name under which the events of a type are stored."""
    return str(event.model_fields["kind"].default)


class Unknown(Value):
    """An event that a newer version wrote, as it stands; nobody here can act on it."""

    kind: str
    content: dict[str, JsonValue]


class Streamed(Protocol):
    """The state of a stream: which it is, and how many events led to it."""

    @property
    def id(self) -> str:
        """The stream's id among those of its kind."""

    @property
    def version(self) -> int:
        """The number of its last event."""

    @property
    def people(self) -> dict[str, Person]:
        """Everybody whom its events name, by name, in the order of first sight."""


S = TypeVar("S", bound=Streamed)
E = TypeVar("E")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event in its place: `seq` counts from 1 in each stream.

    `actor` is a person's name and `account` the one that they acted with; `met` are those whom
    the stream sees for the first time; `state` names the state that it is in from here on.
    """

    seq: int
    at: datetime
    actor: str
    event: E
    state: str
    account: str | None = None
    met: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Step(Generic[S, E]):
    """What a command leads to: the state after it, and the events that led there."""

    after: S
    events: tuple[Recorded[E], ...]


@dataclass(frozen=True, slots=True)
class Timer:
    """When a stream has to be looked at next, and what for."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S, C, E]):
    """One kind of stream.

    `events` are the classes of its events, `timers` the names of its timers. `rules` names the
    policy, by its digest, under which a state is decided on; it is handed to the other functions,
    or None where there is none, as for the command that begins a stream.
    `due_command` is what the clock orders of a state at a time, with who orders it.
    """

    kind: str
    events: tuple[type[Happened], ...]
    timers: frozenset[str]
    evolve: Callable[[S | None, Recorded[E]], S]
    decide: Callable[[S | None, C, Actor, Any, datetime], Step[S, E] | Refusal]
    next_timers: Callable[[S, Any], tuple[Timer, ...]]
    due_command: Callable[[S, Any, datetime], tuple[C, Actor] | None]
    rules: Callable[[S], str | None]

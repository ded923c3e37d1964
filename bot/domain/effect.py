"""An effect: one thing that the world outside has to be told after an event.

Rules
- Effects of one lane are delivered in order, lanes in parallel: the room's channel is a lane,
  and so is each person, so that a page never waits for the channel.
- A follower is pure. For each event that it acts on it has a function from the event and the
  change that it made to the effects that follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.domain.aggregate import Happened

S = TypeVar("S")

# The kinds of effects that stand between a decision and its readers in the channel: those that let
# people in, and the one that tells the result.
LETS_IN = frozenset({"open_channel", "invite"})
TELLS = "announce"
TELLS_ERASED = "tell_erased"  # adjudicators, that values of rooms of theirs are gone
ASKS = "identify"  # whose an account is; until it is answered, nothing is allowed


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to deliver, by the name of its kind; with `wait_for_channel` it may wait for that.

    With `shared` its lane is one for all streams, and it belongs to none of them. Made by us and
    never read back, so there is nothing to validate.
    """

    kind: str
    lane: str
    payload: Mapping[str, str] = field(default_factory=dict)
    wait_for_channel: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """What an event did: its stream before and after it, its place in the record, who acted."""

    before: S | None
    after: S
    seq: int
    actor: str


# The function of an event's type takes that event.
Follower = Mapping[type[Happened], Callable[[Any, Change[Any]], tuple[Effect, ...]]]

"""Kinds of effects and where they go: each one value with all its parts, and their registry.

Rules
- A kind that isn't in the registry was written by a newer version: it is neither claimed here nor
  counted as due, and waits for whoever knows it.
- The most urgent kinds come first; among equals, in the order in which they are registered.
- Limits are those that the destination documents; `speed` is how many times them it takes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any

from bot.outbox.budgets import UNLIMITED, Budget, Cost
from bot.outbox.delivery import Deliver, FinalError, PassingError


class Urgency(IntEnum):
    """The order of delivery: people first, tidiness last."""

    PAGE = 0
    NEWS = 1
    VIEW = 2
    HOUSEKEEPING = 3


def tell_nothing_apart(error: Exception) -> None:
    """Every failure is an unexpected one, which is logged and tried again."""
    del error


# Opens what effects are delivered through, and closes it when the outbox ends. It is asked with
# what the composition root has wired: `bot.integrations.wiring.Wiring`, which stands above this.
Connect = Callable[[Any], AbstractAsyncContextManager[object]]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where effects go: how many at once, within which limits, and what a failure there means.

    `connect` opens what `deliver` of its kinds is handed, a session with its secret say; `failure`
    gives None for what is no failure of the destination.
    """

    name: str
    places: int
    connect: Connect
    limits: Budget = UNLIMITED
    failure: Callable[[Exception], PassingError | FinalError | None] = tell_nothing_apart


@dataclass(frozen=True, slots=True)
class EffectKind:
    """What can be delivered, and how.

    `latest_wins`: nothing but what is true when it is sent is in it, so that the last one of a lane
    says it all. `is_message`: it stands in the conversation that its lane names. `give_up_after`:
    for how long it is tried, besides the time for which it is told to wait; None: for as long as
    its room is not decided. `digest`: the kind that
    many of these to one person become.
    """

    name: str
    destination: Destination
    urgency: Urgency
    deliver: Deliver
    cost: Cost | None = None
    latest_wins: bool = False
    is_message: bool = False
    give_up_after: timedelta | None = timedelta(days=7)
    digest: str | None = None

    def price(self, *, uncertain: bool) -> tuple[str, ...]:
        """The methods that a delivery takes a token of: its own first; none where it is free."""
        if self.cost is None:
            return ()
        return (self.cost.method, *self.cost.look_up) if uncertain else (self.cost.method,)


class Kinds(Mapping[str, EffectKind]):
    """The kinds that this process knows, by name, in the order of delivery.

    ValueError where two have one name or limit the same, or a digest could not be made.
    """

    def __init__(
        self, kinds: Iterable[EffectKind], speed: Mapping[str, float] | None = None
    ) -> None:
        registered = sorted(kinds, key=lambda kind: kind.urgency)
        self._kinds = {kind.name: kind for kind in registered}
        self.destinations = {kind.destination.name: kind.destination for kind in registered}
        if len(self._kinds) < len(registered):
            raise ValueError("two kinds of effects have one name")
        for kind in registered:
            if kind.destination != self.destinations[kind.destination.name]:
                raise ValueError(f"two destinations have the name {kind.destination.name}")
            if kind.digest is not None and not (kind.is_message and kind.digest in self._kinds):
                raise ValueError(f"{kind.name} is no message, or {kind.digest} no registered kind")
        self.budget = sum(
            (
                destination.limits.at((speed or {}).get(name, 1.0))
                for name, destination in self.destinations.items()
            ),
            UNLIMITED,
        )

    def __getitem__(self, name: str) -> EffectKind:
        """The kind of this name. KeyError where it isn't known here."""
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        """The names, the most urgent kinds first."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)

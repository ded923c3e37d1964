"""Holds the policies and the loads that events cite to the stream of the configuration.

Rules
- Whoever opens a room, clears or waives a violation does so under a policy that was loaded before.
  A record may be older than its first load: of a policy that was cited before that nothing is said.
- The number of a load that is cited is that of an event of the configuration's stream, before.
- Each load stands in one stream, and what cites it in all others, which may be examined elsewhere:
  so both are collected, and held to each other in the end.
- In which line of a file a policy or a rule stood can't be shown: moving it changes neither its
  digest nor, by itself, the record.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain import events as e
from bot.domain import exception as x
from bot.domain.clearance import AutoCleared
from bot.domain.configuration import CONFIGURATION, ConfigurationLoaded
from bot.domain.terms import Basis

Cites = tuple[str | None, int | None]  # a policy that was in force by its digest, and a load


def _resting_on(digest: str | None, basis: Basis | None) -> Cites:
    return digest, basis.configuration if basis else None


# What each event cites; who decides does so under the policy of the room, which may be older.
_CITES: Mapping[type[Any], Callable[[Any], Cites]] = {
    e.Opened: lambda event: _resting_on(event.policy_digest, event.basis),
    e.Joined: lambda event: _resting_on(None, event.terms and event.terms.basis),
    e.Decided: lambda event: (None, event.decision.configuration),
    x.Waived: lambda event: _resting_on(event.policy_digest, event.basis),
    AutoCleared: lambda event: _resting_on(event.rule.digest, event.basis),
}


@dataclass(slots=True)
class Loads:
    """What was loaded and what was cited, each with the first line of the export that says so."""

    loaded: dict[str, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    cited: dict[str, int] = field(default_factory=dict)
    cited_numbers: dict[int, int] = field(default_factory=dict)

    def take(self, position: int, stream_kind: str, seq: int, event: object) -> None:
        """One event more."""
        if stream_kind == CONFIGURATION.kind:
            self.numbers.setdefault(seq, position)
            if isinstance(event, ConfigurationLoaded):
                for loaded in event.policies.values():
                    self.loaded.setdefault(loaded, position)
        elif cites := _CITES.get(type(event)):
            digest, number = cites(event)
            if digest:
                self.cited.setdefault(digest, position)
            if number is not None:
                self.cited_numbers.setdefault(number, position)

    def merge(self, other: "Loads") -> None:
        """What other leaves of the same export came to."""
        _join(self.loaded, other.loaded)
        _join(self.numbers, other.numbers)
        _join(self.cited, other.cited)
        _join(self.cited_numbers, other.cited_numbers)

    def unrecorded(self) -> Iterator[tuple[int, str]]:
        """What was cited and not loaded before: where that is, and what it is."""
        since = min(self.loaded.values(), default=None)
        for digest, position in self.cited.items():
            if since is not None and since < position < self.loaded.get(digest, position + 1):
                yield position, f"the policy {digest} is cited, and no load before has it"
        for number, position in self.cited_numbers.items():
            if position < self.numbers.get(number, position + 1):
                yield (
                    position,
                    f"load {number} of the configuration is cited, and stands nowhere before",
                )


def _join(mine: dict[Any, int], others: Mapping[Any, int]) -> None:
    for key, position in others.items():
        mine[key] = min(position, mine.get(key, position))

"""What the engine tells whoever measures it. It measures nothing itself, and knows no library.

Rules
- Called from writing threads and from the loop: whoever listens is quick, thread-safe and never
  raises.
"""

from typing import Protocol


class Observer(Protocol):
    """Is told what happened; times are in seconds."""

    def committed(self, orders: int, seconds: float) -> None:
        """One transaction with so many orders was committed, and took so long."""

    def fired(self, late: float) -> None:
        """A timer was fired, so long after it was due."""

    def paged(self, latency: float) -> None:
        """A person was paged, so long after it was called for."""

    def refused(self) -> None:
        """A webhook was sent away, since too many wait."""

    def witnessed(self, witness: str, result: str) -> None:
        """A witness of the log was asked: `cosigned`, `refused`, or `failed` for now."""


class NullObserver:
    """Where nobody measures."""

    def committed(self, orders: int, seconds: float) -> None:
        """Nothing."""

    def fired(self, late: float) -> None:
        """Nothing."""

    def paged(self, latency: float) -> None:
        """Nothing."""

    def refused(self) -> None:
        """Nothing."""

    def witnessed(self, witness: str, result: str) -> None:
        """Nothing."""


NULL_OBSERVER: Observer = NullObserver()

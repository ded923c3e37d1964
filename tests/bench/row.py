"""One line of the table, and how a figure is written in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MILLI = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, beside what, and whether that is what was wanted."""

    figure: str
    measured: str
    yardstick: str
    wanted: str
    holds: bool | None = None
    """None: nothing was wanted, or nothing could be measured."""

    @property
    def verdict(self) -> str:
        """Yes, no, or a dash."""
        return {True: "yes", False: "**no**", None: "-"}[self.holds]

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's cells, in the order of `HEADINGS`."""
        return self.figure, self.measured, self.yardstick, self.wanted, self.verdict


HEADINGS = ("figure", "measured", "yardstick of the same run", "wanted", "holds")


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits in seconds."""

    sorted: Sequence[float]

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Waits":
        """In order. ValueError where there are none: nothing was measured."""
        if not seconds:
            raise ValueError("nothing was measured")
        return cls(sorted(seconds))

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.sorted)

    @property
    def p99(self) -> float:
        """What 99 of a hundred don't exceed."""
        return self.sorted[min(len(self.sorted) * 99 // 100, len(self.sorted) - 1)]

    def __str__(self) -> str:
        return f"p50 {ms(self.p50)}, p99 {ms(self.p99)}"


def ms(seconds: float) -> str:
    """Milliseconds, with a decimal where they are few."""
    value = seconds * MILLI
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"

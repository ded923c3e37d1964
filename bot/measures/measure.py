"""What a measure is: a value that says how it is computed, and how each view shows it.

Rules:
- A measure is a value and a line of the registry; JSON, the report, Slack and Prometheus iterate
  over the measures that they are given, and know none by name.
- An estimate is None, or has None in it, where it is not reached or not known: never 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.measures.part import Part

Estimate = TypeVar("Estimate")
Estimate_contra = TypeVar("Estimate_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Quantity(Generic[Estimate_contra]):
    """What sort of thing estimates are (a time, a share): how they are written and compared.

    `cells(title, estimate, unit)` are the rows of a table, text by title, `unit` being that of the
    cases' times. The first row's text is what stands where there is room for one.
    `change(current, baseline)` says how the first row changed: None where there is nothing to say.
    """

    cells: Callable[[str, Estimate_contra, str], Mapping[str, str]]
    change: Callable[[Estimate_contra, Estimate_contra], str | None] = lambda _, __: None


@dataclass(frozen=True, slots=True)
class Shown(Generic[Estimate_contra]):
    """How a measure stands in text.

    `title` is that of its row in a terminal's table; `slack` is its line in Slack, with `{}` for
    the estimate, or None where it has no line there.
    """

    title: str
    quantity: Quantity[Estimate_contra]
    slack: str | None = None


@dataclass(frozen=True, slots=True)
class Gauge(Generic[Estimate_contra]):
    """A measure in Prometheus, taken over the last 30 days: name, help, and the number.

    The name is whole, such as `warroom_half_life_seconds`; a number that is None is exposed as NaN.
    """

    name: str
    help: str
    number: Callable[[Estimate_contra], float | None]


@dataclass(frozen=True, slots=True)
class Measure(Generic[Estimate]):
    """What is measured about a set of cases.

    `name` is its key in JSON, where each measure stands beside the counts; its estimates are
    whatever pydantic can turn into JSON. Without `shown` it stands in no text, without `gauge` not
    in Prometheus.
    """

    name: str
    compute: Callable[[Part], Estimate]
    shown: Shown[Estimate] | None = None
    gauge: Gauge[Estimate] | None = None

    def cells(self, estimate: Estimate, unit: str) -> Mapping[str, str]:
        """Return the rows of a table, text by title: none if it isn't shown."""
        if self.shown is None:
            return {}
        return self.shown.quantity.cells(self.shown.title, estimate, unit)

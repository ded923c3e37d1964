"""A chart as shapes: what an SVG draws of a `data_visualization` block.

Rules
- The drawing is 480 wide and 240 high; nothing here is markup.
- The axis of values begins at 0 or below.
- A series keeps its number, from 0: it says the colour.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 480, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 472.0, 12.0, 204.0
_CENTRE, _RADIUS = (WIDTH / 2, HEIGHT / 2), 104.0
_MOST_LABELS = 8
_FILLED = 0.8  # of the width of a category


@dataclass(frozen=True, slots=True)
class Shape:
    """A path of one series; `says` is shown to who points at it."""

    series: int
    d: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, and the same as a table: its first row is the head."""

    kind: str
    shapes: tuple[Shape, ...]
    names: tuple[str, ...]
    values: tuple[Mark, ...]
    categories: tuple[Mark, ...]
    zero: float
    rows: tuple[tuple[str, ...], ...]


def drawn(chart: dict[str, Any]) -> Chart:
    """The drawing of a chart that has been checked."""
    if chart["type"] == "pie":
        segments = [(one["label"], one["value"]) for one in chart["segments"]]
        rows = (("", "Value"), *((label, number(value)) for label, value in segments))
        names = tuple(label for label, _ in segments)
        return Chart("pie", tuple(_slices(segments)), names, (), (), 0.0, rows)
    categories = [str(one) for one in chart["axis_config"]["categories"]]
    series = [
        (str(one["name"]), {point["label"]: point["value"] for point in one["data"]})
        for one in chart["series"]
    ]
    plot = _Plot(categories, [[points[c] for c in categories] for _, points in series])
    names = tuple(name for name, _ in series)
    head = ("", *names)
    body = ((c, *(number(points[c]) for _, points in series)) for c in categories)
    return Chart(
        chart["type"],
        tuple(plot.bars(names) if chart["type"] == "bar" else plot.lines(chart["type"], names)),
        names,
        tuple(plot.values()),
        tuple(plot.labels()),
        plot.y(0),
        (head, *body),
    )


def number(value: float) -> str:
    """A number as people write it: no needless digits."""
    return f"{value:,.4g}" if abs(value) < 1 else f"{round(value, 2):,}".removesuffix(".0")


def _slices(segments: list[tuple[str, float]]) -> Iterator[Shape]:
    whole, before = sum(value for _, value in segments), 0.0
    for index, (label, value) in enumerate(segments):
        share = value / whole
        says = f"{label}: {number(value)} ({share:.0%})"
        yield Shape(index, _slice(before, before + share), says)
        before += share


def _slice(start: float, end: float) -> str:
    """From one part of the whole circle to another; all of it is two halves."""
    x, y = _CENTRE
    middle = (start + end) / 2
    path = f"M{x:.1f} {y:.1f}L{_on_circle(start)}"
    arc = f"A{_RADIUS:.1f} {_RADIUS:.1f} 0 0 1 "
    return f"{path}{arc}{_on_circle(middle)}{arc}{_on_circle(end)}Z"


def _on_circle(part: float) -> str:
    angle = math.tau * part - math.pi / 2
    x, y = _CENTRE
    return f"{x + _RADIUS * math.cos(angle):.1f} {y + _RADIUS * math.sin(angle):.1f}"


class _Plot:
    """Series on two axes: `rows` has the values of each, by category."""

    def __init__(self, categories: list[str], rows: list[list[float]]) -> None:
        self._categories, self._rows = categories, rows
        every = [value for row in rows for value in row]
        self._low, highest = min(0, *every), max(0, *every)
        self._high = highest if highest > self._low else self._low + 1
        self._step = (_RIGHT - _LEFT) / len(categories)

    def y(self, value: float) -> float:
        part = (value - self._low) / (self._high - self._low)
        return _BOTTOM - part * (_BOTTOM - _TOP)

    def _x(self, index: int) -> float:
        return _LEFT + (index + 0.5) * self._step

    def bars(self, names: tuple[str, ...]) -> Iterator[Shape]:
        width = self._step * _FILLED / len(self._rows)
        for series, row in enumerate(self._rows):
            for index, value in enumerate(row):
                x = self._x(index) + (series - len(self._rows) / 2) * width
                d = f"M{x:.1f} {self.y(0):.1f}V{self.y(value):.1f}h{width:.1f}V{self.y(0):.1f}Z"
                yield Shape(
                    series, d, f"{names[series]}, {self._categories[index]}: {number(value)}"
                )

    def lines(self, kind: str, names: tuple[str, ...]) -> Iterator[Shape]:
        for series, row in enumerate(self._rows):
            points = [f"{self._x(i):.1f} {self.y(value):.1f}" for i, value in enumerate(row)]
            if len(points) == 1:  # what is at one place only is still to be seen
                points = [f"{_LEFT:.1f} {self.y(row[0]):.1f}", f"{_RIGHT:.1f} {self.y(row[0]):.1f}"]
            d = "M" + "L".join(points)
            if kind == "area":
                first, last = points[0].split()[0], points[-1].split()[0]
                d += f"L{last} {self.y(0):.1f}L{first} {self.y(0):.1f}Z"
            yield Shape(series, d, names[series])

    def values(self) -> Iterator[Mark]:
        marks = {self._low, (self._low + self._high) / 2, self._high, 0}
        for value in sorted(marks):
            yield Mark(_LEFT - 6, self.y(value) + 4, number(value))

    def labels(self) -> Iterator[Mark]:
        """Not more than there is room for; the table has them all."""
        every = math.ceil(len(self._categories) / _MOST_LABELS)
        for index in range(0, len(self._categories), every):
            yield Mark(self._x(index), _BOTTOM + 16, self._categories[index])

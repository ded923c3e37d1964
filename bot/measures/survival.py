"""Survival curves: how long until it happens, when for some it has not happened yet.

Rules:
- What is still open is censored: it counts as waiting until the time it was last seen.
- At equal times events come before censorings, so those censored then are still at risk.
- A median that the curve does not reach is None; it is never 0 and never the longest time seen.
- Times are of any one unit, not negative; results are of the same unit.
- No step is computed that nobody asks for: between two censorings the product of (n - d) / n is
  the share of those at risk that are left, and Greenwood's sum has a closed form too.

Sources: Kaplan & Meier 1958 (the curve); Greenwood 1926 (its variance); Brookmeyer & Crowley 1982
(interval of the median, on the log-log scale of Kalbfleisch & Prentice 1980); Aalen & Johansen
1978 (cumulative incidence of competing outcomes).
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from operator import attrgetter, sub
from statistics import NormalDist
from typing import NamedTuple

HALF = 0.5
# A product of many fractions misses an exact 0.5 by less; two steps of a real curve differ by more.
ROUNDING = 1e-9
Z_95 = NormalDist().inv_cdf(0.975)
_start = attrgetter("start")
HALF_LOG_LOG = math.log(math.log(2))  # log(-log S) where S is 0.5


@dataclass(frozen=True, slots=True)
class Median:
    """The least t with S(t) <= 0.5, and its 95 % interval, in the unit of the times.

    None: not reached. `at_least` is the lower bound to state in place of a value that is not
    reached: `low`, or where that isn't reached either, the longest time seen. It is None beside a
    value, and when there is nothing to go by.
    """

    value: float | None
    low: float | None
    high: float | None
    at_least: float | None


class Step(NamedTuple):
    """The curve from an event on: S, and the sum of d / (n (n - d)), infinite with nobody left."""

    survival: float
    greenwood: float


class Stretch(NamedTuple):
    """The curve between two censorings, which begins after `start` events with `at_risk` left."""

    start: int
    at_risk: int
    survival: float
    greenwood: float

    def after(self, events: int) -> Step:
        """Return the step once there were so many events, the last of them in this stretch."""
        start, at_risk, survival, greenwood = self
        happened = events - start
        left = at_risk - happened
        here = happened / (at_risk * left) if left else math.inf
        return Step(survival * left / at_risk, greenwood + here)


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve of `n` cases, of which the longest was watched until `last`.

    `events` are the times at which it happened, ascending, each as often as it happened.
    """

    n: int
    last: float | None
    events: Sequence[float]
    stretches: Sequence[Stretch]

    def is_known_at(self, time: float) -> bool:
        """Whether the curve is known: not past the longest time seen, unless nobody is left."""
        if self.last is None:
            return False
        return time <= self.last or self._after(len(self.events)).survival == 0

    def survival_at(self, time: float) -> float | None:
        """Return S(time), the share still waiting; None where the curve is not known."""
        if not self.is_known_at(time):
            return None
        return self._after(bisect_right(self.events, time)).survival

    def variance_at(self, time: float) -> float | None:
        """Return Greenwood's variance of S(time), S^2 times the sum; None where S is not known.

        It is 0 where S is 0, for which the formula is undefined.
        """
        if not self.is_known_at(time):
            return None
        survival, greenwood = self._after(bisect_right(self.events, time))
        return survival**2 * greenwood if survival else 0.0

    def median(self) -> Median:
        """Return the median with its 95 % interval (Brookmeyer & Crowley, log-log)."""
        every = range(len(self.events))
        middle = bisect_left(every, -HALF - ROUNDING, key=lambda index: -self._at(index).survival)
        value = self.events[middle] if middle in every else None
        # The lower band crosses no later than the curve does, and the upper one no earlier.
        low = self._first_crossing(0, min(middle, every.stop - 1), Z_95)
        high = self._first_crossing(middle, every.stop - 1, -Z_95)
        at_least = (self.last if low is None else low) if value is None else None
        return Median(value, low, high, at_least)

    def _first_crossing(self, first: int, last: int, z: float) -> float | None:
        """Return the least time, from one event to another, at which a band is at or below 0.5.

        With s = sqrt(greenwood) / -log S, the band S^exp(z s) is at or below 0.5 when
        log(-log S) + z s >= log(log 2). It need not be monotone, but over a span of events it has
        a bound: where that stays below, nothing crosses; other spans are halved.
        """
        if first > last:
            return None
        spans = [(first, self._spread(first), last, self._spread(last))]
        while spans:
            first, begin, last, end = spans.pop()
            if _bound(begin, end, z) < HALF_LOG_LOG:
                continue
            if self.events[first] == self.events[last]:
                return self.events[first]
            middle = (first + last) // 2
            spans.append((middle + 1, self._spread(middle + 1), last, end))
            spans.append((first, begin, middle, self._spread(middle)))
        return None

    def _spread(self, index: int) -> tuple[float, float]:
        """Return -log S and the root of Greenwood's sum, from this event's time on."""
        survival, greenwood = self._at(index)
        return -math.log(survival) if survival else math.inf, math.sqrt(greenwood)

    def _at(self, index: int) -> Step:
        """Return the step in force from the time of this event on."""
        return self._after(bisect_right(self.events, self.events[index], lo=index))

    def _after(self, events: int) -> Step:
        if len(self.stretches) == 1:
            return self.stretches[0].after(events)
        # The last stretch that starts before the last of these events.
        index = bisect_left(self.stretches, events, lo=1, key=_start) - 1
        return self.stretches[index].after(events)


def kaplan_meier(event_times: Iterable[float], censored_times: Iterable[float]) -> Curve:
    """Return the Kaplan-Meier curve of those it happened to and those it has not happened to yet.

    O(n log n). Raises ValueError for a time that is negative or not finite.
    """
    return curve_of(ascending(event_times), ascending(censored_times))


def curve_of(events: Sequence[float], waiting: Sequence[float]) -> Curve:
    """Return the Kaplan-Meier curve of times that ascend already.

    O(m log n) for m that wait; without any there is nothing to do.
    """
    n = len(events) + len(waiting)
    # How many were censored after so many events; bisect_right: events at that time come first.
    censored = Counter(map(partial(bisect_right, events), waiting))
    early = censored.pop(0, 0) if events else 0
    begin, at_risk, survival, greenwood = 0, n - early, 1.0, 0.0
    stretches = []
    for start, count in censored.items():
        if start == len(events):
            break  # nothing happens after it
        stretches.append(Stretch(begin, at_risk, survival, greenwood))
        left = at_risk - (start - begin)  # not 0: those censored are among them
        survival = survival * left / at_risk
        greenwood += (start - begin) / (at_risk * left)
        begin, at_risk = start, left - count
    stretches.append(Stretch(begin, at_risk, survival, greenwood))
    last = max((*events[-1:], *waiting[-1:]), default=None)
    return Curve(n, last, events, tuple(stretches))


def ascending(times: Iterable[float]) -> list[float]:
    """Return the times in order. Raises ValueError if one is negative or not finite."""
    ordered = sorted(times)
    if ordered and (ordered[0] < 0 or not all(map(math.isfinite, ordered))):
        raise ValueError("a time is negative or not finite; need 0 or more")
    return ordered


def cumulative_incidence(
    curve: Curve, event_times: Sequence[float], at: Sequence[float]
) -> list[float]:
    """Return the probability of this outcome by each of the times `at`.

    `curve` is of all outcomes together; `event_times` are those of the one in question, ascending,
    each of them an event of the curve. Aalen-Johansen: the sum of S(t-) d / n; S(t-) / n is the
    same all through a stretch. Over all outcomes the incidences and S(t) add up to 1.
    """
    if not event_times:
        return [0.0 for _ in at]
    ends = [curve.events[after.start - 1] for after in curve.stretches[1:]]
    before = [0, *(bisect_right(event_times, end) for end in ends)]
    ended = accumulate(map(_incidence, curve.stretches, map(sub, before[1:], before)))
    total = [0.0, *ended]
    incidences = []
    for time in at:
        here = bisect_left(ends, time)
        happened = bisect_right(event_times, time) - before[here]
        incidences.append(total[here] + _incidence(curve.stretches[here], happened))
    return incidences


def _bound(begin: tuple[float, float], end: tuple[float, float], z: float) -> float:
    """Return what a band can't exceed between two events; at one event, its value there.

    S falls and Greenwood's sum grows. Where S is 0 there is no band.
    """
    if begin[0] == math.inf:
        return -math.inf
    if end[0] == math.inf:
        return math.inf
    spread = end[1] / begin[0] if z > 0 else begin[1] / end[0]
    return math.log(end[0]) + z * spread


def _incidence(stretch: Stretch, events: int) -> float:
    return stretch.survival * events / stretch.at_risk

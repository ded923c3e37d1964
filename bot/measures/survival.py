"""Survival curves: how long until it happens, when for some it has not happened yet.

Rules:
- What is still open is censored: it counts as waiting until the time it was last seen.
- At equal times events come before censorings, so those censored then are still at risk.
- A median that the curve does not reach is None; it is never 0 and never the longest time seen.
- Times are of any one unit, not negative; results are of the same unit.

Sources: Kaplan & Meier 1958 (the curve); Greenwood 1926 (its variance); Brookmeyer & Crowley 1982
(interval of the median, on the log-log scale of Kalbfleisch & Prentice 1980); Aalen & Johansen
1978 (cumulative incidence of competing outcomes).
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import mul, neg
from statistics import NormalDist

HALF = 0.5
# A product of many fractions misses an exact 0.5 by less; two steps of a real curve differ by more.
ROUNDING = 1e-9
Z_95 = NormalDist().inv_cdf(0.975)
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


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve of `n` cases, of which the longest was watched until `last`.

    It steps at each of `times`, ascending: `at_risk` just before, `events` at that time, and
    `survival` from then on. `greenwood` is the sum of d / (n (n - d)) so far; infinite once nobody
    is left at risk.
    """

    n: int
    last: float | None
    times: Sequence[float]
    at_risk: Sequence[int]
    events: Sequence[int]
    survival: Sequence[float]
    greenwood: Sequence[float]

    def index_at(self, time: float) -> int | None:
        """Return the index of the step in force at `time`, -1 before the first event.

        None where the curve is not known: past the longest time seen, with some still waiting.
        """
        ended = bool(self.survival) and self.survival[-1] == 0
        if self.last is None or (time > self.last and not ended):
            return None
        return bisect_right(self.times, time) - 1

    def survival_at(self, time: float) -> float | None:
        """Return S(time), the share still waiting; None where the curve is not known."""
        index = self.index_at(time)
        if index is None:
            return None
        return self.survival[index] if index >= 0 else 1.0

    def variance_at(self, time: float) -> float | None:
        """Return Greenwood's variance of S(time), S^2 times the sum; None where S is not known.

        It is 0 where S is 0, for which the formula is undefined.
        """
        survival = self.survival_at(time)
        if not survival or survival == 1:
            return None if survival is None else 0.0
        return survival**2 * self.greenwood[bisect_right(self.times, time) - 1]

    def median(self) -> Median:
        """Return the median with its 95 % interval (Brookmeyer & Crowley, log-log)."""
        middle = bisect_left(self.survival, -HALF - ROUNDING, key=neg)
        value = self.times[middle] if middle < len(self.times) else None
        low = self._first_crossing(0, Z_95)
        # The upper band lies above the curve, so it can't cross before the curve does.
        high = self._first_crossing(middle, -Z_95)
        at_least = (self.last if low is None else low) if value is None else None
        return Median(value, low, high, at_least)

    def _first_crossing(self, start: int, z: float) -> float | None:
        """Return the least time, from a step on, at which a log-log band is at or below 0.5.

        The band S^exp(z s), with s = sqrt(greenwood) / -log S, is at or below 0.5 when
        log(-log S) + z s >= log(log 2). It is not defined where S is 0.
        """
        for index in range(start, len(self.times)):
            if self.survival[index]:
                hazard = -math.log(self.survival[index])
                band = math.log(hazard) + z * math.sqrt(self.greenwood[index]) / hazard
                if band >= HALF_LOG_LOG:
                    return self.times[index]
        return None


def kaplan_meier(event_times: Iterable[float], censored_times: Iterable[float]) -> Curve:
    """Return the Kaplan-Meier curve of those it happened to and those it has not happened to yet.

    O(n log n). Raises ValueError for a time that is negative or not finite.
    """
    happened = Counter(event_times)
    times = _ascending(happened)
    waiting = _ascending(censored_times)
    events = [happened[time] for time in times]
    at_risk = _at_risk(times, events, waiting)
    survival = accumulate(map(_share_left, at_risk, events), mul)
    greenwood = accumulate(map(_greenwood, at_risk, events))
    last = max((*times[-1:], *waiting[-1:]), default=None)
    n = happened.total() + len(waiting)
    return Curve(n, last, times, at_risk, events, list(survival), list(greenwood))


def cumulative_incidence(curve: Curve, event_times: Iterable[float]) -> Sequence[float]:
    """Return, at each of the curve's times, the probability of this outcome by then.

    `curve` is of all outcomes together; `event_times` are those of the one in question, each of
    them an event of the curve. Aalen-Johansen: the sum of S(t-) d / n. Over all outcomes the
    incidences and S(t) add up to 1.
    """
    happened = Counter(event_times)
    before = chain([1.0], curve.survival)
    steps = zip(curve.times, before, curve.at_risk, strict=False)
    return list(accumulate(happened.get(time, 0) * s / n for time, s, n in steps))


def _at_risk(times: list[float], events: list[int], waiting: list[float]) -> list[int]:
    total = len(waiting) + sum(events)
    gone = accumulate(events, initial=0)
    if not waiting:
        return [total - before for before, _ in zip(gone, times, strict=False)]
    # bisect_left: those censored at the very time of an event are still at risk.
    return [
        total - before - bisect_left(waiting, time)
        for before, time in zip(gone, times, strict=False)
    ]


def _share_left(at_risk: int, events: int) -> float:
    return (at_risk - events) / at_risk


def _greenwood(at_risk: int, events: int) -> float:
    left = at_risk - events
    return events / (at_risk * left) if left else math.inf


def _ascending(times: Iterable[float]) -> list[float]:
    ascending = sorted(times)
    if ascending and (ascending[0] < 0 or not all(map(math.isfinite, ascending))):
        raise ValueError("a time is negative or not finite; need 0 or more")
    return ascending

"""Durations, shares and ratios as people write them.

Rules:
- A lower bound is rounded down: "at least" must stay true.
- What is not reached says so, with its lower bound, and has no ratio.
- Only seconds are turned into minutes and days; other units stay numbers.
"""

import math
from collections.abc import Callable

from bot.measures.part import SECONDS
from bot.measures.survival import Median

NOT_REACHED = "not reached"
NOT_KNOWN = "not known"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WITH_SECONDS = 10 * MINUTE  # below this, seconds matter
TIMES = "\N{MULTIPLICATION SIGN}"
SAME = 1.05  # ratios below are no difference to speak of
WHOLE = 10  # ratios and percentages from here on need no decimals

Rounding = Callable[[float], int]


def duration(seconds: float, rounding: Rounding = round) -> str:
    """Return seconds in words: `40 s`, `4 min 30 s`, `47 min`, `2 h 05 min`, `3.2 days`."""
    whole = rounding(seconds)
    if 0 < seconds < 1 and not whole:
        return "under 1 s"
    if whole < WITH_SECONDS:
        return _two(whole, MINUTE, "min", "s")
    minutes = rounding(seconds / MINUTE)
    if minutes < DAY // MINUTE:
        return _two(minutes, HOUR // MINUTE, "h", "min")
    days = f"{rounding(seconds / DAY * 10) / 10:.1f}".removesuffix(".0")
    return f"{days} day" if days == "1" else f"{days} days"


def amount(value: float, unit: str, rounding: Rounding = round) -> str:
    """Return a time of `unit` in words; of a unit other than seconds, the number."""
    return duration(value, rounding) if unit == SECONDS else f"{value:g}"


def median(figure: Median, unit: str) -> str:
    """Return a median in words: its value, `not known`, or `not reached yet …`."""
    if figure.value is not None:
        return amount(figure.value, unit)
    if figure.at_least is None:
        return NOT_KNOWN
    if not figure.at_least:
        return NOT_REACHED
    bound = amount(figure.at_least, unit, math.floor)
    return f"{NOT_REACHED} yet (will be at least {bound})"


def interval(figure: Median, unit: str) -> str:
    """Return the 95 % interval in words, empty if the median isn't known.

    A bound that the cases are too few for is `not reached`.
    """
    if figure.value is None and figure.at_least is None:
        return ""
    low, high = (
        NOT_REACHED if bound is None else amount(bound, unit) for bound in (figure.low, figure.high)
    )
    return NOT_REACHED if low == high == NOT_REACHED else f"{low} to {high}"


def percent(share: float | None) -> str:
    """Return a share of 1 as a percentage; neither 0 nor 100 % unless it is exactly that."""
    if share is None:
        return NOT_KNOWN
    if 0 < share < 0.01:  # noqa: PLR2004 - the least whole percentage
        return "under 1 %"
    if 0.99 < share < 1:  # noqa: PLR2004 - the greatest below all
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def ratio(current: Median, baseline: Median) -> str | None:
    """Return how much faster than the baseline, as `68x faster`; both in the same unit.

    None if either is not reached or is 0: then there is no ratio.
    """
    if not current.value or not baseline.value:
        return None
    faster = baseline.value / current.value
    factor = max(faster, 1 / faster)
    if factor < SAME:
        return "about the same"
    number = f"{factor:.0f}" if factor >= WHOLE else f"{factor:.1f}".removesuffix(".0")
    return f"{number}{TIMES} {'faster' if faster > 1 else 'slower'}"


def _two(count: int, size: int, large: str, small: str) -> str:
    first, rest = divmod(count, size)
    if not first:
        return f"{rest} {small}"
    return f"{first} {large} {rest:02d} {small}" if rest else f"{first} {large}"

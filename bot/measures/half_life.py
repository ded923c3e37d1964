"""The decision half-life: the least time by which half of the cases are settled, in whatever way.

A Kaplan-Meier median: open cases count as waiting.
"""

from bot.measures.measure import Gauge, Measure, Shown
from bot.measures.quantities import TIME
from bot.measures.survival import Median

HALF_LIFE: Measure[Median] = Measure(
    "half_life",
    lambda part: part.curve.median(),
    Shown("half-life", TIME),  # its line in Slack is the headline
    Gauge(
        "warroom_half_life_seconds",
        "Decision half-life of the last 30 days (Kaplan-Meier); NaN: not reached.",
        lambda median: median.value,
    ),
)

"""How long until somebody acknowledged a case, and until somebody first responded.

Both are Kaplan-Meier medians: a case that is open without one is censored now, and a case resolved
without one is censored at its resolution, since nobody waited for it after that.
"""

from dataclasses import dataclass

from bot.measures.case import Responses
from bot.measures.measure import Measure, Shown
from bot.measures.quantities import TIME
from bot.measures.survival import Median, curve_of


@dataclass(frozen=True, slots=True)
class Timing(Median):
    """A median with `n`, the number of cases in which it happened.

    With `value` and `at_least` both None it isn't known: there are no cases, or no record of it.
    """

    n: int


def _timing(responses: Responses) -> Timing:
    median = curve_of(responses.happened, responses.censored).median()
    return Timing(median.value, median.low, median.high, median.at_least, len(responses.happened))


TIME_TO_ACKNOWLEDGE: Measure[Timing] = Measure(
    "time_to_acknowledge",
    lambda part: _timing(part.acknowledged),
    Shown("time to acknowledge", TIME, slack="Median time to acknowledge: {}"),
)
TIME_TO_FIRST_RESPONSE: Measure[Timing] = Measure(
    "time_to_first_response",
    lambda part: _timing(part.first_response),
    Shown("time to first response", TIME, slack="Median time to first response: {}"),
)

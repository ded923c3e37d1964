"""The registry of measures, in the order in which they are shown.

Rules:
- The half-life is always among the measures: the views lead with it.
"""

from typing import Any

from bot.measures.half_life import HALF_LIFE
from bot.measures.incidence import INCIDENCE
from bot.measures.measure import Measure
from bot.measures.responses import TIME_TO_ACKNOWLEDGE, TIME_TO_FIRST_RESPONSE
from bot.measures.shares import EXPIRED_SHARE, HUMAN_SHARE, SHARE_BY_OUTCOME

MEASURES: tuple[Measure[Any], ...] = (
    HALF_LIFE,
    TIME_TO_ACKNOWLEDGE,
    TIME_TO_FIRST_RESPONSE,
    SHARE_BY_OUTCOME,
    HUMAN_SHARE,
    EXPIRED_SHARE,
    INCIDENCE,
)

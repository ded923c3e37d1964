"""How the resolved cases ended: the share of each outcome, of a person's decision, of an expiry.

Rules:
- Shares are of the resolved, and between 0 and 1.
- Who decided is not known (None) as long as nothing is resolved, or if some resolution has no
  outcome on record.
"""

from bot.measures.case import EXPIRED
from bot.measures.measure import Measure, Shown
from bot.measures.part import Part
from bot.measures.quantities import SHARE


def _share(part: Part, count: int) -> float | None:
    return count / part.resolved if part.resolved and part.outcomes_known else None


# In text the groups by outcome say it.
SHARE_BY_OUTCOME: Measure[dict[str, float]] = Measure(
    "share_by_outcome",
    lambda part: {name: count / part.resolved for name, count in sorted(part.outcomes.items())},
)
HUMAN_SHARE: Measure[float | None] = Measure(
    "human_share",
    lambda part: _share(part, part.humans),
    Shown("decided by a person", SHARE, slack="Decided by a person: {}"),
)
EXPIRED_SHARE: Measure[float | None] = Measure(
    "expired_share",
    lambda part: _share(part, part.outcomes.get(EXPIRED, 0)),
    Shown("expired", SHARE, slack="Expired: {}"),
)

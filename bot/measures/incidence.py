"""How likely a case is decided by a person, expired, or settled otherwise, by a given time.

Aalen-Johansen cumulative incidences: an expiry settles a case but is no human decision, so the
outcomes compete. Open cases count as waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.measures.formatting import percent
from bot.measures.measure import Measure, Quantity, Shown
from bot.measures.part import CAUSES, SECONDS, Part
from bot.measures.survival import cumulative_incidence

HORIZONS = {"1h": 3600.0, "4h": 14400.0, "1d": 86400.0, "7d": 604800.0}


@dataclass(frozen=True, slots=True)
class Shares:
    """Probability that a case is by then decided by a person, expired, or settled otherwise."""

    human: float
    expired: float
    other: float


@dataclass(frozen=True, slots=True)
class Incidence(Shares):
    """The shares `at` the longest time seen, and at each horizon.

    A horizon is None if no case was watched for so long; there are none unless times are in
    seconds.
    """

    at: float
    horizons: Mapping[str, Shares | None]


def _incidence(part: Part) -> Incidence | None:
    """Return None if there is no case, or if some resolution has no outcome on record."""
    curve = part.curve
    if curve.last is None or not part.outcomes_known:
        return None
    horizons = HORIZONS if part.unit == SECONDS else {}
    times = (curve.last, *horizons.values())
    by_cause = (cumulative_incidence(curve, part.times_by_cause[cause], times) for cause in CAUSES)
    (human, expired, other), *later = zip(*by_cause, strict=True)
    by_horizon = {
        name: Shares(*shares) if curve.is_known_at(time) else None
        for (name, time), shares in zip(horizons.items(), later, strict=True)
    }
    return Incidence(human, expired, other, at=curve.last, horizons=by_horizon)


INCIDENCE: Measure[Incidence | None] = Measure(
    "incidence",
    _incidence,
    Shown(
        "by a person",
        Quantity(
            lambda title, incidence, _: {
                f"{title} in {name}": percent(shares.human if shares else None)
                for name, shares in (incidence.horizons.items() if incidence else ())
            }
        ),
    ),
)

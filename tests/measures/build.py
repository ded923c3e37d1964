"""Cases and observations for the tests of the measures, with short defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.measures.case import CaseKind, Cases, Observed, in_seconds

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
START = NOW - timedelta(days=10)


def case(
    minutes: float | None,
    *,
    now: datetime = NOW,
    acknowledged: float | None = None,
    responded: float | None = None,
    **given: Any,  # noqa: ANN401 - whatever a kind has
) -> Cases:
    """A case detected ten days before NOW, resolved after so many minutes, or still open at `now`.

    Acknowledged and responded to after so many minutes, or not at all.
    """
    fields: dict[str, Any] = {
        "policy": "pii",
        "team": "search",
        "severity": "high",
        "resolved": minutes is not None,
        "outcome": None if minutes is None else "approved",
        "human": minutes is not None,
    }
    end = (now - START) // MICROSECOND if minutes is None else _microseconds(minutes)
    responses = ([None if at is None else _microseconds(at)] for at in (acknowledged, responded))
    return in_seconds(CaseKind(**(fields | given)), [end], *responses)


def _microseconds(minutes: float) -> int:
    return timedelta(minutes=minutes) // MICROSECOND


def observed(time: float, *, resolved: bool, **given: object) -> Observed:
    """An observation in any unit, approved by a person if resolved."""
    fields: dict[str, Any] = {
        "acknowledged": None,
        "first_response": None,
        "outcome": "approved" if resolved else None,
        "human": resolved,
        "policy": "pii",
        "team": "search",
        "severity": "high",
    }
    return Observed(time=time, resolved=resolved, **(fields | given))

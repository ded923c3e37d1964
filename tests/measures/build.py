"""Cases and observations for the tests of the measures, with short defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.measures.case import Case, Observed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = NOW - timedelta(days=10)


def case(minutes: float | None, **given: object) -> Case:
    """A case detected ten days ago, resolved after so many minutes, or still open."""
    resolved = None if minutes is None else START + timedelta(minutes=minutes)
    fields: dict[str, Any] = {
        "detected_at": START,
        "resolved_at": resolved,
        "acknowledged_at": None,
        "first_response_at": None,
        "outcome": None if minutes is None else "approved",
        "human": minutes is not None,
        "policy": "pii",
        "team": "search",
        "severity": "high",
    }
    return Case(**(fields | given))


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

"""What was entered in a modal, read from Slack's state of the view.

Rules
- Whatever kind of input a value comes from, it is read; what is missing is an error of its block.
- A duration may be any text that names one, or a day.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain import duration
from bot.integrations.slack.show.text import View

Entries = Mapping[str, str]

_VALUES = ("value", "selected_date", "selected_user", "selected_conversation")


class InvalidInputError(Exception):
    """Something is missing or unreadable; `errors` says so by block."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def entries_of(view: View) -> Entries:
    """What was entered, by block; empty inputs are left out."""
    state = view.get("state") or {}
    texts = {
        str(block): _entered(entry)
        for block, inputs in (state.get("values") or {}).items()
        for entry in (inputs or {}).values()
    }
    return {block: text for block, text in texts.items() if text}


def span(text: str, now: datetime) -> timedelta:
    """A duration such as `7d`, or the time from `now` until the start of a day. ValueError."""
    try:
        return duration.typed(text)
    except ValueError:
        until = date.fromisoformat(text)
    return datetime(until.year, until.month, until.day, tzinfo=UTC) - now


def day(text: str | None) -> datetime | None:
    """The start of a day in UTC; None for no day, and for what is none."""
    try:
        chosen = date.fromisoformat(text or "")
    except ValueError:
        return None
    return datetime(chosen.year, chosen.month, chosen.day, tzinfo=UTC)


def _entered(entry: Mapping[str, Any] | None) -> str:
    if not isinstance(entry, Mapping):
        return ""
    option = entry.get("selected_option")
    chosen = option.get("value") if isinstance(option, Mapping) else None
    values = (chosen, *(entry.get(name) for name in _VALUES))
    return next((value.strip() for value in values if isinstance(value, str) and value), "")

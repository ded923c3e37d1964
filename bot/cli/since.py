"""`--since` of the commands that look back."""

from datetime import datetime

from bot.domain import duration
from bot.errors import UsageError


def since_of(text: str | None, now: datetime) -> datetime | None:
    """The moment that `--since` names: a day, a time, or so long ago; None: from the beginning.

    UsageError for what names none.
    """
    if text is None:
        return None
    try:
        return duration.since(text, now)
    except OverflowError:
        return None  # longer ago than there are dates: everything
    except ValueError as error:
        need = "a day such as 2026-11-01, or a duration such as 30d or 2 weeks"
        raise UsageError(f"--since: found {text!r}, need {need}") from error

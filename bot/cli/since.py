"""`--since` of the commands that look back."""

import sys
from collections.abc import Iterator
from datetime import datetime

import click

from bot.domain import duration
from bot.errors import UsageError
from bot.settings import Settings
from bot.storage.arrived import Arrived, arrived, arrived_since
from bot.storage.opening import opened_store


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


def recorded(settings: Settings, since: str, now: datetime, label: str) -> Iterator[Arrived]:
    """Each violation that `--since` means, in the order of time; `label` beside how far it is.

    Progress shows on a terminal alone. UsageError for a `since` that means no moment.
    """
    with opened_store(settings.database_url) as store:
        ids = arrived_since(store, since_of(since, now))
        with click.progressbar(
            arrived(store, ids),
            length=len(ids),
            label=label,
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        ) as violations:
            yield from violations

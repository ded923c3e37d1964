"""`warroom stats` and `warroom debt`: the database's figures as text or JSON."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.app import open_database, utc_now
from bot.domain import duration
from bot.engine.cases import cases, liabilities
from bot.errors import UsageError
from bot.measures import baseline as past
from bot.measures import debt_report, report
from bot.measures.debt import debt as owed
from bot.measures.figures import Figures, figures
from bot.measures.measure import Measure
from bot.measures.part import SECONDS
from bot.measures.registry import MEASURES
from bot.policies.load import load
from bot.settings import load_settings
from bot.storage.store import Store


def stats(
    since: str | None,
    policy: str | None,
    team: str | None,
    baseline: Path | None,
    *,
    as_json: bool,
    measures: Sequence[Measure[Any]] = MEASURES,
) -> str:
    """The figures as they stand, beside those of `baseline`."""
    now = utc_now()
    before = _baseline(baseline, now, measures) if baseline else None
    with _store() as store:
        found = cases(store, now, since_when(since, now), policy, team)
    if policy and not found:
        policies = load(load_settings().warroom_config).policies
        if policy not in policies:
            names = ", ".join(policies)
            raise UsageError(f"--policy: there is no policy {policy!r}. Known: {names}")
    current = figures(found, SECONDS, measures)
    if as_json:
        both = {
            "current": current.as_json(),
            "baseline": before.as_json() if before else None,
        }
        return json.dumps(both, indent=2)
    return report.table(current, before)


def debt(*, as_json: bool) -> str:
    """The governance debt as it stands."""
    now = utc_now()
    with _store() as store:
        current = owed(liabilities(store, now), now)
    if as_json:
        return current.model_dump_json(indent=2)
    return debt_report.debt_text(current)


def since_when(text: str | None, now: datetime) -> datetime | None:
    """The moment that `--since` names: a day, a time, or so long ago. UsageError otherwise."""
    if text is None:
        return None
    try:
        return duration.since(text, now)
    except OverflowError:
        return None  # longer ago than there are dates: everything
    except ValueError as error:
        need = "a day such as 2026-11-01, or a duration such as 30d"
        raise UsageError(f"--since: found {text!r}, need {need}") from error


def _baseline(path: Path, now: datetime, measures: Sequence[Measure[Any]]) -> Figures:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--baseline: can't read {path}: {error}") from error
    try:
        return past.read(text, str(path), now).figures(measures)
    except past.BaselineError as error:
        raise UsageError(str(error)) from error


@contextmanager
def _store() -> Iterator[Store]:
    database = open_database(load_settings())
    try:
        yield Store(database)
    finally:
        database.dispose()

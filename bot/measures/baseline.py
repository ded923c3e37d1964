"""A baseline read from CSV: how long violations took before, to compare with.

Rules:
- Two forms, told apart by the header: `detected_at,resolved_at` (ISO 8601; an empty second one is
  still open), measured in seconds; or `time,resolved` (a number, and 1/0, true/false or yes/no),
  measured in the unit of the file, whatever that is. With all four, the first form counts.
- A time without a zone is UTC. A row with one time with a zone and one without is refused, since
  their difference would be wrong by the zone. So is a date without a time.
- A resolution before its detection is refused; so is an open row detected after `now`.
- `policy`, `team`, `severity` and `outcome` are used if present; other columns are ignored. The
  outcome of an open row is ignored: it has none yet.
- A row may end early, but not before its two times; cells past the header must be blank.
- A byte order mark, CRLF, blank lines and the case of column names don't matter.
- One bad row refuses the file: a figure over the rest would look like a figure over all.
"""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.count import counted
from bot.measures.case import EXPIRED, Observed, by_kind
from bot.measures.figures import Figures, figures
from bot.measures.measure import Measure
from bot.measures.part import NO_CLASSES, NONE, SECONDS
from bot.measures.registry import MEASURES

UNIT_OF_THE_FILE = "unit of the file"
REPORTED = 10
TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
BY_MACHINE = frozenset({EXPIRED, "auto_cleared", "superseded"})
USED = ("detected_at", "resolved_at", "time", "resolved", "policy", "team", "severity", "outcome")
DATE_ONLY = len("2026-11-20")

Row = dict[str, str]


class BaselineError(Exception):
    """The file can't be read as a baseline.

    `problems` has a line for each of the first ten bad rows, `file:line: column: found …, need …`;
    `total` counts all of them.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems[:REPORTED])
        self.total = len(problems)
        more = self.total - len(self.problems)
        super().__init__("\n".join([*self.problems, *([f"and {more} more"] if more else [])]))


@dataclass(frozen=True, slots=True)
class Baseline:
    """The cases of a baseline, their durations in `unit`."""

    unit: str
    cases: tuple[Observed, ...]

    def figures(
        self,
        measures: Sequence[Measure[Any]] = MEASURES,
        classes: Mapping[str, str] = NO_CLASSES,
    ) -> Figures:
        """Return the figures; acknowledgements and responses are not known from such a file.

        Nor is what was decided beforehand. `classes` are the risk classes of policies.
        """
        cases = by_kind(self.cases, responses=False)
        return figures(cases, self.unit, measures, classes=classes)


class _RowError(ValueError):
    """What one row has wrong: the column, what was found, what is needed."""

    def __init__(self, column: str, found: str, need: str) -> None:
        super().__init__(f"{column}: found {found}, need {need}")


def read(text: str, name: str, now: datetime) -> Baseline:
    """Return the baseline that `text` holds; `name` is the file's, for messages.

    `now` (aware) is when open rows were last seen. Raises BaselineError.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    filled = (cells for cells in rows if any(cell.strip() for cell in cells))
    cases: list[Observed] = []
    problems: list[str] = []
    try:
        header = [cell.strip().lower() for cell in next(filled, [])]
        unit, duration = _form(header, now)
        for cells in filled:
            try:
                cases.append(_case(header, cells, duration))
            except _RowError as bad:
                problems.append(f"{name}:{rows.line_num}: {bad}")
    except _RowError as bad:
        problems.append(f"{name}:{max(rows.line_num, 1)}: {bad}")
    except csv.Error as error:
        problems.append(f"{name}:{max(rows.line_num, 1)}: row: found {error}, need CSV")
    if problems:
        raise BaselineError(problems)
    return Baseline(unit, tuple(cases))


def _form(header: list[str], now: datetime) -> tuple[str, Callable[[Row], tuple[float, bool]]]:
    twice = [column for column in USED if header.count(column) > 1]
    if twice:
        raise _RowError("header", f"{', '.join(twice)} more than once", "each column once")
    if {"detected_at", "resolved_at"} <= set(header):
        return SECONDS, lambda row: _from_times(row, now)
    if {"time", "resolved"} <= set(header):
        return UNIT_OF_THE_FILE, _from_number
    found = ",".join(header) or "nothing"
    raise _RowError("header", found, "detected_at,resolved_at or time,resolved")


def _cell(row: Row, column: str) -> str:
    if column not in row:
        raise _RowError(column, "no cell", "one, though it be empty")
    return row[column]


def _case(
    header: list[str], cells: list[str], duration: Callable[[Row], tuple[float, bool]]
) -> Observed:
    if any(cell.strip() for cell in cells[len(header) :]):
        raise _RowError("row", counted(len(cells), "cell"), f"{len(header)}, as in the header")
    row = {column: cell.strip() for column, cell in zip(header, cells, strict=False)}
    time, resolved = duration(row)
    outcome = (row.get("outcome") or None) if resolved else None
    return Observed(
        time=time,
        resolved=resolved,
        acknowledged=None,
        first_response=None,
        outcome=outcome,
        human=outcome is not None and outcome not in BY_MACHINE,
        policy=row.get("policy") or NONE,
        team=row.get("team") or None,
        severity=row.get("severity") or NONE,
    )


def _from_times(row: Row, now: datetime) -> tuple[float, bool]:
    detected = _moment(row, "detected_at")
    if not _cell(row, "resolved_at"):
        start = _aware(detected)
        if start > now:
            raise _RowError(
                "detected_at",
                repr(_cell(row, "detected_at")),
                "a time not after now, as it is open",
            )
        return (now - start).total_seconds(), False
    resolved = _moment(row, "resolved_at")
    if (detected.tzinfo is None) != (resolved.tzinfo is None):
        raise _RowError(
            "resolved_at", repr(_cell(row, "resolved_at")), "a zone in both times or in neither"
        )
    seconds = (_aware(resolved) - _aware(detected)).total_seconds()
    if seconds < 0:
        raise _RowError(
            "resolved_at", repr(_cell(row, "resolved_at")), "a time not before detected_at"
        )
    return seconds, True


def _moment(row: Row, column: str) -> datetime:
    value = _cell(row, column)
    need = "a time such as 2026-11-20T09:12:00Z"
    if len(value) <= DATE_ONLY:
        raise _RowError(column, repr(value) if value else "nothing", need)
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise _RowError(column, repr(value), need) from error


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _from_number(row: Row) -> tuple[float, bool]:
    try:
        time = float(_cell(row, "time"))
    except ValueError:
        time = math.nan
    if not (math.isfinite(time) and time >= 0):
        raise _RowError("time", repr(_cell(row, "time")), "a number, 0 or more")
    resolved = TRUTH.get(_cell(row, "resolved").lower())
    if resolved is None:
        raise _RowError("resolved", repr(_cell(row, "resolved")), "1/0, true/false or yes/no")
    return time, resolved

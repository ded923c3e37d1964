"""The files of an evaluation: from their text to rows, each a figure of one metric and one group.

Rules
- Two forms: CSV with the header `metric,group,value` and, where they are known, `n`, `low` and
  `high`; or JSON, a list of objects with these keys or an object with that list as `evaluation`.
- A row without a group is of the whole.
- Each metric has each group once, over all files. One bad row refuses them all: what would be sent
  without it looked like the whole evaluation.
- An error says where (`eval.csv:7: value`, `eval.json: [3].value`), what was found, what is needed.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.client.reading import Content, FieldError, name, named, number
from bot.domain.count import counted
from bot.errors import UsageError
from bot.yaml.problems import instead, shown

EVALUATION = "evaluation"
NEEDED = ("metric", "group", "value")
NUMBERS = ("value", "n", "low", "high")
COLUMNS = ("metric", "group", *NUMBERS)
METRICS_MOST, GROUPS_MOST, PROBLEMS_SAID = 200, 500, 10
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a metric: for a group or the whole (`""`), over `n` cases, within an interval."""

    metric: str
    group: str
    value: Decimal
    n: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def rows(files: Mapping[str, Content]) -> tuple[Row, ...]:
    """All rows of these files, given by their names. UsageError says what is wrong with them."""
    read: list[Row] = []
    places: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for file, content in files.items():
        for place, fields in _fields(file, content):
            try:
                row = _row(fields, places)
            except FieldError as bad:
                separator = "." if place.endswith("]") else ": "
                problems.append(f"{place}{separator}{bad}")
            else:
                places[row.metric, row.group] = place
                read.append(row)
    if problems:
        more = len(problems) - PROBLEMS_SAID
        ending = [f"and {more} more"] if more > 0 else []
        raise UsageError("\n".join([*problems[:PROBLEMS_SAID], *ending]))
    _check_count(read)
    return tuple(read)


def _fields(file: str, content: Content) -> list[tuple[str, Mapping[str, object]]]:
    """Each row's place and what stands in it. UsageError where rows can't be told, or are none."""
    found = list(_of_csv(file, content) if isinstance(content, str) else _of_json(file, content))
    if not found:
        raise UsageError(f"{file}: found no row, need one of {','.join(COLUMNS)} at least")
    return found


def _of_csv(file: str, text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    try:
        for cells in lines:
            place, stripped = f"{file}:{lines.line_num}", [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not header:
                header = _header(place, [cell.lower() for cell in stripped])
                continue
            if len(stripped) != len(header):
                found, need = counted(len(stripped), "cell"), f"{len(header)}, as in the header"
                raise UsageError(f"{place}: row: found {found}, need {need}")
            yield (
                place,
                {each: _cell(each, cell) for each, cell in zip(header, stripped, strict=True)},
            )
    except csv.Error as error:
        place = f"{file}:{max(lines.line_num, 1)}"
        raise UsageError(f"{place}: row: found {error}, need CSV") from error


def _header(place: str, columns: list[str]) -> list[str]:
    for column, times in Counter(columns).items():
        if column not in COLUMNS:
            raise UsageError(f"{place}: header: found {shown(column)}, {instead(column, COLUMNS)}")
        if times > 1:
            raise UsageError(f"{place}: header: found {column} {times} times, need it once")
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        found = ",".join(columns)
        raise UsageError(f"{place}: header: found {found}, need {','.join(NEEDED)}")
    return columns


def _cell(column: str, cell: str) -> object:
    """What a cell of CSV would be in JSON."""
    if column in NUMBERS:
        return Decimal(cell) if _NUMBER.fullmatch(cell) else cell or None
    return cell


def _of_json(file: str, content: Content) -> Iterator[tuple[str, Mapping[str, object]]]:
    path = ""
    if isinstance(content, dict):
        for key in content.keys() - {EVALUATION}:
            raise UsageError(f"{file}: found {shown(key)}, {instead(key, [EVALUATION])}")
        content, path = content.get(EVALUATION), EVALUATION
    if not isinstance(content, list):
        raise UsageError(f"{file}: {EVALUATION}: found {named(content)}, need a list of rows")
    for at, row in enumerate(content):
        place = f"{file}: {path}[{at}]"
        if not isinstance(row, dict):
            raise UsageError(f"{place}: found {named(row)}, need an object")
        for key in row:
            if key not in COLUMNS:
                raise UsageError(f"{place}: found {shown(key)}, {instead(key, COLUMNS)}")
        yield place, row


def _row(fields: Mapping[str, object], places: Mapping[tuple[str, str], str]) -> Row:
    """What a row says; `places` are where metrics and groups stand that were read before it."""
    metric, group = name("metric", fields.get("metric")), fields.get("group")
    group = "" if group in (None, "") else name("group", group)
    if before := places.get((metric, group)):
        what = f"{group!r} of {metric!r}" if group else f"the whole of {metric!r}"
        raise FieldError("group", f"{what} again", f"each once: {before} has it")
    low, high = (
        None if fields.get(bound) is None else number(bound, fields[bound])
        for bound in ("low", "high")
    )
    if low is not None and high is not None and low > high:
        raise FieldError("low", named(low), f"at most {named(high)}, which is high")
    value = number("value", fields.get("value"))
    return Row(metric, group, value, _size(fields.get("n")), low, high)


def _size(found: object) -> int | None:
    if found is None:
        return None
    if not isinstance(found, Decimal) or not found.is_finite():
        raise FieldError("n", named(found), "a number of cases")
    if not 0 <= found <= 10**15 or found != found.to_integral_value():
        raise FieldError("n", named(found), "a whole number of cases, 0 or more")
    return int(found)


def _check_count(read: Collection[Row]) -> None:
    groups = Counter(row.metric for row in read)
    if len(groups) > METRICS_MOST:
        raise UsageError(f"--evaluation: found {len(groups)} metrics, need {METRICS_MOST} at most")
    for metric, count in groups.items():
        if count > GROUPS_MOST:
            found = f"{count} groups of {metric!r}"
            raise UsageError(f"--evaluation: found {found}, need {GROUPS_MOST} at most")

"""What an import gives: humans with their accounts, from CSV or from lines of JSON.

Rules
- A human is a set of accounts: `slack`, `email` and `github`, each one or several; a human without
  a Slack account or an address is nobody to be told from others. `name` and `team` may stand
  there, and say nothing of who somebody is.
- What can't be read as a whole is an error with its place. A row that can't be read is left out,
  and said with its line.
- What stands for nobody, such as a bot, is left out without a word.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain import identity
from bot.domain.configuration import Human
from bot.domain.person import EMAIL, GITHUB, SLACK, SYSTEMS
from bot.yaml.problems import instead, shown

COLUMNS = (*SYSTEMS, "name", "team")
_SEVERAL = re.compile(r"[;,]")


class ImportFailedError(Exception):
    """An import gave nothing that can be used; the message says why.

    `detail` is what else there is to say to whoever looks: it may be anything, and is kept nowhere.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail

    @property
    def whole(self) -> str:
        """The message with the detail."""
        return f"{self}: {self.detail}" if self.detail else str(self)


@dataclass(frozen=True, slots=True)
class Imported:
    """The humans of one source, each once, and what was said of rows that were left out."""

    humans: tuple[Human, ...]
    skipped: tuple[str, ...] = ()


def read(content: bytes, name: str) -> Imported:
    """The humans in `content`, which is CSV or lines of JSON; ImportFailedError.

    `name` stands before the line in whatever is said.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"found the byte 0x{content[error.start]:02x}, need UTF-8"
        raise ImportFailedError(f"{name}:{line}: {found}") from error
    rows = _json_rows(text, name) if text.lstrip().startswith("{") else _csv_rows(text, name)
    humans: dict[Human, None] = {}
    skipped: list[str] = []
    for place, row in rows:
        if isinstance(row, str):
            skipped.append(f"{place}: {row}")
            continue
        try:
            if human := human_of(row):
                humans[human] = None
        except ValueError as error:
            skipped.append(f"{place}: {error}")
    return Imported(tuple(humans), tuple(skipped))


def human_of(row: Mapping[str, Iterable[str]]) -> Human | None:
    """Somebody by their accounts; None for who is nobody, ValueError for what can't be read."""
    accounts: list[str] = []
    nobody = False
    for system in SYSTEMS:
        for text in row.get(system, ()):
            try:
                read_as = identity.read(system, text)
            except ValueError as error:
                raise ValueError(f"{system}: {error}") from error
            nobody = nobody or read_as.is_nobody
            accounts += [] if read_as.is_nobody else [read_as.account]
    human = tuple(dict.fromkeys(accounts))
    if any(not account.startswith(f"{GITHUB}:") for account in human):
        return human
    if nobody and not human:
        return None
    raise ValueError(f"found no {SLACK} and no {EMAIL}, need one of them")


_Row = tuple[str, dict[str, list[str]] | str]  # its place, and what it says or why it can't be read


def _csv_rows(text: str, name: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = _header(next(reader, []), name)
        for cells in reader:
            if not any(cells):
                continue
            place = f"{name}:{reader.line_num}"
            if len(cells) > len(header):
                yield place, f"found {len(cells)} values, need {len(header)} as in the header"
            else:
                named = dict(zip(header, cells, strict=False))
                yield place, {key: _several(cell) for key, cell in named.items()}
    except csv.Error as error:
        raise ImportFailedError(f"{name}:{reader.line_num}: found no valid CSV: {error}") from error


def _header(cells: list[str], name: str) -> list[str]:
    """The names of the columns; ImportFailedError with the column where they are none of ours."""
    header = [cell.strip().lower() for cell in cells]
    if not any(header):
        needed = f"need a first line that names the columns: {', '.join(COLUMNS)}"
        raise ImportFailedError(f"{name}:1: found no header, {needed}")
    for number, column in enumerate(header, start=1):
        place = f"{name}:1:{number}"
        if column not in COLUMNS:
            separated = [each for each in (";", "\t", "|") if each in column]
            if separated:
                said = f"found columns separated by {separated[0]!r}, need commas"
                raise ImportFailedError(f"{place}: {said}")
            found = f"found the unknown column {cells[number - 1]!r}"
            raise ImportFailedError(f"{place}: {found}, {instead(column, COLUMNS)}")
        if column in header[: number - 1]:
            raise ImportFailedError(f"{place}: found the column {column!r} twice, need it once")
    if SLACK not in header and EMAIL not in header:
        raise ImportFailedError(f"{name}:1: found no column {SLACK} or {EMAIL}, need one of them")
    return header


def _json_rows(text: str, name: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{name}:{number}", _json_row(line)


def _json_row(line: str) -> dict[str, list[str]] | str:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return "found no valid JSON, need an object in each line"
    if not isinstance(given, dict):
        return f"found {shown(given)}, need an object"
    row: dict[str, list[str]] = {}
    for key, value in given.items():
        if key not in COLUMNS:
            return f"found the unknown key {key!r}, {instead(key, COLUMNS)}"
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(each, str) for each in values):
            return f"{key}: found {shown(value)}, need text or a list of texts"
        row[key] = [each for each in values if each.strip()]
    return row


def _several(cell: str) -> list[str]:
    return [each.strip() for each in _SEVERAL.split(cell) if each.strip()]

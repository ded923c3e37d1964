"""An export's file: a head, table after table with its rows, a foot; one JSON value a line.

Rules
- The foot has the count of each table's rows and a checksum over every line before it: what was
  cut off or altered is refused. It proves damage, not who wrote it.
- Rows are arrays in the order of the columns that their table's line names.
- One line at a time, each way: a file may be larger than the memory.
"""

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

from pydantic import AwareDatetime, ValidationError

from bot.domain.value import Value

FORMAT = 1
LINE_MOST = 2**26
_GZIP = b"\x1f\x8b"
_NO_EXPORT = "this is no export of `warroom export`"
_DAMAGED = "the file is damaged"


class ArchiveError(Exception):
    """The file can't be taken: it is another one, newer, cut off or altered."""


class Head(Value):
    """What was exported: by which version, at which revision of the tables, when, how much.

    `last_ids` are the highest ids ever given in tables that count their rows, also of rows deleted.
    """

    warroom_export: int = FORMAT
    version: str
    revision: str
    at: AwareDatetime
    counts: dict[str, int]
    last_ids: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one table."""

    table: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


class ArchiveWriter:
    """An export, written in order: the head, each table with its rows, the foot."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._sum = hashlib.sha256()
        self._counts: dict[str, int] = {}

    def head(self, head: Head) -> None:
        """The first line."""
        self._line(head.model_dump(mode="json"))

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A whole table."""
        self._line({"table": name, "columns": list(columns)})
        self._counts[name] = 0
        for row in rows:
            self._line(list(row))
            self._counts[name] += 1

    def foot(self) -> dict[str, int]:
        """The last line; gives the count of each table's rows."""
        self._line({"counts": self._counts, "sha256": self._sum.hexdigest()})
        return self._counts

    def _line(self, value: object) -> None:
        line = json.dumps(value, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        self._sum.update(line)
        self._out.write(line)


class ArchiveReader:
    """An export, read in order; ArchiveError from whatever is not as it was written."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._sum = hashlib.sha256()
        self._counts: dict[str, int] = {}
        self._number = 0
        self.head = self._head()

    def batches(self, most: int = 1000) -> Iterator[Rows]:
        """The rows, so many of one table at once; ends well only where the foot agrees."""
        name, columns, rows = "", list[str](), list[list[Any]]()
        while True:
            summed = self._sum.hexdigest()
            value = self._line()
            if isinstance(value, list):
                if len(value) != len(columns) or not name:
                    raise self._wrong(f"a row of {len(columns)} values was to come")
                rows.append(value)
                self._counts[name] += 1
                if len(rows) < most:
                    continue
            if rows:
                yield Rows(name, tuple(map(str, columns)), rows)
                rows = []
            if isinstance(value, list):
                continue
            if "sha256" in value:
                self._check_foot(value, summed)
                return
            name, columns = value.get("table"), value.get("columns")
            if not isinstance(name, str) or not isinstance(columns, list) or name in self._counts:
                raise self._wrong("a table was to come")
            self._counts[name] = 0

    def _head(self) -> Head:
        try:
            value = self._line()
        except ArchiveError as error:
            raise ArchiveError(f"{_NO_EXPORT}: {error}") from error
        found = value.get("warroom_export") if isinstance(value, dict) else None
        if not isinstance(found, int) or isinstance(found, bool):
            raise ArchiveError(_NO_EXPORT)
        if found > FORMAT:
            by = f"warroom {value.get('version')}, format {found}"
            raise ArchiveError(f"written by {by}; this version reads format {FORMAT}: update it")
        try:
            return Head.model_validate(value)
        except ValidationError as error:
            raise self._wrong(f"the head lacks something: {error.errors()[0]['msg']}") from error

    def _check_foot(self, foot: dict[str, Any], summed: str) -> None:
        if foot["sha256"] != summed:
            raise ArchiveError(f"{_DAMAGED}: its lines are not those that its checksum was made of")
        if not foot.get("counts") == self._counts == self.head.counts:
            found = f"head {self.head.counts}, foot {foot.get('counts')}, found {self._counts}"
            raise ArchiveError(f"{_DAMAGED}: the counts differ: {found}")
        if self._read():
            raise self._wrong("nothing was to come after the foot")

    def _line(self) -> Any:  # noqa: ANN401 - any JSON
        line = self._read()
        self._number += 1
        if not line.endswith(b"\n"):
            if len(line) > LINE_MOST:
                raise self._wrong(f"a line has {LINE_MOST} bytes at most")
            raise ArchiveError(
                f"the file was cut off: it ends in line {self._number}, with no foot"
            )
        self._sum.update(line)
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._wrong("it is not JSON") from error
        if not isinstance(value, (dict, list)):
            raise self._wrong("neither a row nor a table")
        return value

    def _read(self) -> bytes:
        try:
            return self._source.readline(LINE_MOST + 1)
        except EOFError as error:
            raise ArchiveError("the file was cut off: its compressed part has no end") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ArchiveError(f"{_DAMAGED}: {error}") from error

    def _wrong(self, what: str) -> ArchiveError:
        return ArchiveError(f"{_DAMAGED}: line {self._number}: {what}")


def uncompressed(source: IO[bytes]) -> IO[bytes]:
    """What is in `source`, whether it is compressed or not."""
    ahead = io.BufferedReader(cast("io.RawIOBase", source))  # not every stream lets us look ahead
    if ahead.peek(len(_GZIP))[: len(_GZIP)] == _GZIP:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=ahead, mode="rb"))
    return ahead

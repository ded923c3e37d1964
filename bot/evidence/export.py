"""Writes an export and reads it, line by line; its form is in `docs/export.md`.

Rules
- Kinds of lines stand in one order: head, keys, documents, leaves, checkpoints, end.
- The end is signed by the log over the number and the bytes of all lines before it, so that each
  byte of the file is either under that signature or part of it.
- A reader holds one line at a time, and goes on after a line that it can't read. A leaf's line is
  given as it stands: nearly all lines are, and several processes can read them.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, ClassVar, cast

from bot.evidence.errors import MalformedError
from bot.evidence.export_lines import LEAF, End, Entry, Head, Line, read_line, write_line
from bot.evidence.keys import SigningKey
from bot.evidence.lines import base64_of
from bot.evidence.notes import Note

LINE_MOST = 64 * 1024 * 1024
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that can't be read, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class LeafLine:
    """A leaf's line, not read yet: `read_line` does, or says what is wrong with it."""

    order: ClassVar[int] = Entry.order
    data: bytes


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line with its number, from 1 on, and the end's text as it has to be if it is the end."""

    number: int
    line: Line | LeafLine | Unreadable
    before: str = ""


def end_text(origin: str, count: int, digest: bytes) -> str:
    """The three lines that the end signs: it is no checkpoint, by its first."""
    return f"{origin}/export\n{count}\n{base64_of(digest)}\n"


def write(out: IO[bytes], head: Head, lines: Iterable[Line], keys: Iterable[SigningKey]) -> int:
    """Write an export whose lines come in order; gives how many they are. The end is signed here.

    ValueError where a key isn't called as the log's origin is.
    """
    digest, count = hashlib.sha256(), 0
    signing = list(keys)
    if not signing or any(key.name != head.origin for key in signing):
        raise ValueError(f"an export is signed by keys of {head.origin} alone")

    def put(line: Line) -> None:
        nonlocal count
        data = write_line(line)
        digest.update(data)
        count += 1
        out.write(data)

    put(head)
    for line in lines:
        put(line)
    note = Note.signed(end_text(head.origin, count, digest.digest()), signing)
    out.write(write_line(End(bytes(note).decode())))
    return count + 1


def read(source: IO[bytes]) -> Iterator[Numbered]:
    """The lines of an export, each by itself; what is wrong with one is said in its place.

    OSError where the file can't be read.
    """
    digest, origin = hashlib.sha256(), ""
    for number, data in enumerate(_lines(source), start=1):
        if isinstance(data, Unreadable):
            yield Numbered(number, data)
            return
        line, before = _line(data), ""
        if isinstance(line, Head):
            origin = line.origin
        elif isinstance(line, End):
            before = end_text(origin, number - 1, digest.digest())
        yield Numbered(number, line, before)
        digest.update(data)


def _line(data: bytes) -> Line | LeafLine | Unreadable:
    if data.startswith(LEAF):
        return LeafLine(data)
    try:
        return read_line(data)
    except MalformedError as error:
        return Unreadable(str(error))


def _lines(source: IO[bytes]) -> Iterator[bytes | Unreadable]:
    try:
        while data := source.readline(LINE_MOST):
            if len(data) == LINE_MOST:
                yield Unreadable(f"a line has less than {LINE_MOST} bytes")
                return
            yield data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        yield Unreadable(f"the compression is broken: {error}")


def uncompressed(source: IO[bytes]) -> IO[bytes]:
    """A seekable file's content, compressed or not: by what it begins with."""
    start = source.read(len(GZIP))
    source.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=source)) if start == GZIP else source

"""Files as text, opened with care: whatever lies there, nothing waits and nothing is run.

Rules
- Only a plain file is opened, which is known before it is: a pipe would wait, a device may act.
- What is larger than `most` isn't read; a file that grows meanwhile is cut off as well.
- Python's text is read in the encoding that its own cookie names; all other text is UTF-8.
"""

import io
import os
import re
import stat
import tokenize
from pathlib import Path

from bot.check.uses import Span, Unreadable

_COOKIE_LINES = 2
# Encodings of names in the network: nobody writes code in them, and they take the square of time.
_SLOW = ("idna", "punycode")


class SkippedError(Exception):
    """A file that is no text to look at; `why` is a phrase that follows its name."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class UnreadableError(Exception):
    """A text isn't what its file's name says; `unreadable` says why, and where."""

    def __init__(self, why: str, span: Span) -> None:
        self.unreadable = Unreadable(why, span)
        super().__init__(why)


def content_of(path: Path, most: int) -> bytes:
    """The bytes of a plain file. SkippedError, where it is none, can't be read, or is too large."""
    content = first_bytes(path, most + 1)
    if len(content) > most:
        raise SkippedError(f"larger than {most / 1_000_000:g} MB")
    return content


def first_bytes(path: Path, most: int) -> bytes:
    """The first bytes of a plain file. SkippedError, where it is none or can't be read."""
    try:
        # A link to a pipe is a pipe: what it leads to is asked before anything is opened.
        if not stat.S_ISREG(path.stat().st_mode):
            raise SkippedError("no plain file")
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 - it is open already
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SkippedError("no plain file")
            return file.read(most)
    except OSError as error:
        raise SkippedError(f"can't be read ({error.strerror})") from error


def decoded(content: bytes, *, python: bool = False) -> str:
    """The text of a file, its lines as they are. UnreadableError where it is no text."""
    if b"\0" in content:
        raise UnreadableError(
            "found the byte 0x00, need text", _place(content, content.index(b"\0"))
        )
    encoding = _named(content) if python else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        need = "UTF-8, or a line that names the encoding" if python else "UTF-8"
        why = f"found the byte 0x{content[error.start]:02x}, which is no {encoding}, need {need}"
        raise UnreadableError(why, _place(content, error.start)) from error
    except (LookupError, UnicodeError) as error:
        why = f"found the encoding {encoding!r}, need one of text"
        raise UnreadableError(why, _cookie(content)) from error


def _named(content: bytes) -> str:
    """The encoding that a Python file names, or the one without a name."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        if "unknown encoding" not in str(error):
            return "utf-8-sig"  # its first lines are none: decoding says where
        raise UnreadableError(
            f"found an {error.msg}, need a known one", _cookie(content)
        ) from error
    if encoding in _SLOW:
        raise UnreadableError(f"found the encoding {encoding!r}, need UTF-8", _cookie(content))
    return encoding


def _place(content: bytes, offset: int) -> Span:
    """Where a byte stands; what is before it in its line counts by bytes."""
    line, column = content.count(b"\n", 0, offset) + 1, offset - content.rfind(b"\n", 0, offset)
    return Span(line, column, line, column + 1)


def _cookie(content: bytes) -> Span:
    """The line that names an encoding, or the first byte."""
    for number, line in enumerate(content.split(b"\n", _COOKIE_LINES)[:_COOKIE_LINES], start=1):
        if re.match(rb"[ \t\f]*#.*?coding[:=]", line):
            return Span(number, 1, number, len(line.rstrip()) + 1)
    return Span(1, 1, 1, 1)

"""What the header of a model's file says, and what is wrong with it.

Rules
- A header that lies is no error: what is wrong is told with the offset at which it stands, and what
  was read before counts.
- No file makes a reader hold more than `MEMORY_MOST` bytes: a header is at most `HEADER_MOST` long
  and has at most `PARTS_MOST` parts, and of what it says `SAYS_MOST` bytes are kept. What is larger
  is found, and not read.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

MEMORY_MOST = 64 * 1024 * 1024
HEADER_MOST = 16 * 1024 * 1024
PARTS_MOST = 100_000
SAYS_MOST = 1024 * 1024
FAULTS_MOST = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, and where, in bytes from its start."""

    offset: int
    what: str


class HeaderError(Exception):
    """From here on a header can't be read."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(f"at byte {offset:,}: {what}")
        self.fault = Fault(offset, what)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where in a safetensors file the passport stands, and what it is.

    Without the bytes from `start` to `end` the file is as it was before: but for the header's
    length, which is `end - start` less then.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class External:
    """A part of another file that holds a tensor; `length` None: all from `offset` on."""

    location: str
    offset: int
    length: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Header:
    """A file's format, what it says of itself, and what is wrong with it.

    `tensors` counts those that are named, `data_start` is where their bytes begin, if they stand in
    one piece. `external` are the parts of other files that belong to it.
    """

    format: str
    says: Mapping[str, str] = field(default_factory=dict)
    tensors: int = 0
    data_start: int | None = None
    external: tuple[External, ...] = ()
    faults: tuple[Fault, ...] = ()
    slot: Slot | None = None


class Source:
    """A file's bytes, read where they are asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def take(self, offset: int, length: int, what: str) -> bytes:
        """So many bytes. HeaderError where there are fewer, or they are too many to be held."""
        if length > HEADER_MOST:
            raise HeaderError(
                offset, f"{what} of {length:,} bytes, at most {HEADER_MOST:,} are read"
            )
        if offset + length > self.size:
            raise HeaderError(offset, f"{what} of {length:,} bytes in a file of {self.size:,}")
        return self.some(offset, length)

    def some(self, offset: int, length: int) -> bytes:
        """So many bytes, or those that there are."""
        self._file.seek(offset)
        return self._file.read(length)

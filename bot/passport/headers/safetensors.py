"""The header of a safetensors file: its length, JSON of tensors and of what it says of itself.

Rules
- Eight bytes say how long the header is; it is one JSON object, and tensors follow it without gaps.
  `__metadata__` has texts alone.
- What is read is not built: of each tensor its name's hash and its place are kept while it is read.
- The passport stands first in `__metadata__`, and is as long as keeps the tensors where they are
  aligned. Where that object was made for it, it stands first in the header, and its text begins
  with a blank: so whoever takes it out leaves what was there before, byte for byte.
"""

import codecs
import json
import math
import re
from array import array
from collections.abc import Callable
from dataclasses import replace

from bot.passport.headers.header import (
    FAULTS_MOST,
    PARTS_MOST,
    SAYS_MOST,
    Fault,
    Header,
    HeaderError,
    Slot,
    Source,
)

FORMAT = "safetensors"
PASSPORT = "warroom.passport"
LENGTH_BYTES = 8
_METADATA = "__metadata__"
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
_BLANK = rb"[ \t\n\r]*+"
_TEXT = rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_NAME = re.compile(_BLANK + rb"(" + _TEXT + rb")" + _BLANK + rb":" + _BLANK)
_VALUE = re.compile(_TEXT)
_TENSOR = re.compile(rb"\{([^{}]{0,4096})\}")
_FIELD = re.compile(
    _BLANK + rb'"(dtype|shape|data_offsets)"' + _BLANK + rb":" + _BLANK +
    rb'(?:"([A-Za-z0-9_]{1,16})"|\[([0-9, \t\n\r]*+)\])' + _BLANK + rb"(,|$)"
)  # fmt: skip
_NEXT = re.compile(_BLANK + rb"([,}])")
_EMPTY = re.compile(_BLANK + rb"\}")
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,17}")
_FIELDS = ("dtype", "shape", "data_offsets")
_DIMENSIONS_MOST = 64
_CHUNK = 65_536


def read(source: Source) -> Header:
    """The header of a file. Never raises for what stands in it."""
    header, faults = Header(FORMAT), list[Fault]()
    try:
        length = int.from_bytes(source.take(0, LENGTH_BYTES, "the header's length"), "little")
        data = source.take(LENGTH_BYTES, length, "a header")
        header = replace(header, data_start=LENGTH_BYTES + length)
        scan = _Scan(data, source.size - LENGTH_BYTES - length, faults)
        try:
            scan.read()
        finally:
            header = replace(header, says=scan.says, tensors=scan.tensors, slot=scan.slot)
    except HeaderError as error:
        faults.append(error.fault)
    return replace(header, faults=tuple(faults))


def metadata_start(data: bytes) -> int | None:
    """Where in a sound header's bytes the object of `__metadata__` starts, if it is there."""
    scan = _Scan(data, len(data), [])
    scan.walk()
    return scan.metadata[1] if scan.metadata else None


class _Scan:
    """A header's bytes, read from their start to their end."""

    def __init__(self, data: bytes, room: int, faults: list[Fault]) -> None:
        self._data = data
        self._room = room  # bytes for tensors
        self._faults = faults
        self._names = set[int]()  # hashes: of those at the top, and of those in `__metadata__`
        self._own_names = set[int]()
        self._places = array("Q")  # begin, end, offset of the entry; of each tensor
        self.says: dict[str, str] = {}
        self._said = 0
        self.tensors = 0
        self.slot: Slot | None = None
        self.metadata: tuple[int, int] | None = None  # where its name and its object start

    def read(self) -> None:
        """All of it. HeaderError where it can't be read on."""
        _check_utf8(self._data)
        self.walk()
        self._check_places()

    def walk(self) -> None:
        """Its members, and nothing behind them. HeaderError where it can't be read on."""
        if not self._data.startswith(b"{"):
            raise HeaderError(LENGTH_BYTES, "the header doesn't begin with an object")
        end = self._members(0, self._entry)
        if rest := self._data[end:].strip(b" \t\n\r"):
            raise HeaderError(LENGTH_BYTES + end, f"behind the header stands {rest[:20]!r}")

    def _members(self, start: int, member: Callable[[str, int, int], int]) -> int:
        """The members of the object that starts there, each handed over; gives where it ends.

        `member` is given a name, where that starts, and where its value does; it gives where that
        ends.
        """
        at, data = start + 1, self._data
        if empty := _EMPTY.match(data, at):
            return empty.end()
        while True:
            name = _NAME.match(data, at)
            if name is None:
                raise self._unreadable(at, "a name in quotes and a colon")
            at = member(_decoded(name[1]), name.start(1), name.end())
            behind = _NEXT.match(data, at)
            if behind is None:
                raise self._unreadable(at, "a comma or the object's end")
            at = behind.end()
            if behind[1] == b"}":
                return at

    def _entry(self, name: str, start: int, at: int) -> int:
        if hash(name) in self._names:
            self._find(start, f"the name {name[:80]!r} stands there twice")
        self._names.add(hash(name))
        if name == _METADATA:
            if self._data[at : at + 1] != b"{":
                raise self._unreadable(at, "an object of texts")
            self._own_names.clear()
            self.metadata = start, at
            return self._members(at, self._saying)
        self.tensors += 1
        if self.tensors > PARTS_MOST:
            raise HeaderError(LENGTH_BYTES + start, f"more than {PARTS_MOST:,} tensors")
        entry = _TENSOR.match(self._data, at)
        if entry is None:
            raise self._unreadable(at, "a tensor's dtype, shape and data_offsets")
        self._take_tensor(name, start, entry[1], at)
        return entry.end()

    def _saying(self, name: str, start: int, at: int) -> int:
        value = _VALUE.match(self._data, at)
        if value is None:
            raise self._unreadable(at, "a text in quotes")
        if hash(name) in self._own_names:
            self._find(start, f"{_METADATA} has {name[:80]!r} twice")
        self._own_names.add(hash(name))
        if len(self._own_names) > PARTS_MOST:
            raise HeaderError(
                LENGTH_BYTES + start, f"{_METADATA} has more than {PARTS_MOST:,} texts"
            )
        self._said += value.end() - start
        if self._said > SAYS_MOST:
            self._find(start, f"{_METADATA} says more than {SAYS_MOST:,} bytes, which aren't kept")
            return value.end()
        text = _decoded(value[0])
        if name == PASSPORT:
            self._take_slot(start, value.end(), text)
        else:
            self.says[name] = text
        return value.end()

    def _take_slot(self, start: int, end: int, text: str) -> None:
        """The passport's text, where it stands as it was put in."""
        header, opened = self.metadata or (0, 0)
        alone = text.startswith(" ")
        if start != opened + 1 or (alone and header != 1):
            self._find(
                start, "the passport stands elsewhere than it was put in: the header was rewritten"
            )
        if alone:
            start = header
            closing = self._data[end : end + 1]
            if closing != b"}":
                self._find(end, "something was added behind the passport: the header was rewritten")
            end += 1
        end += self._data[end : end + 1] == b","
        self.slot = Slot(LENGTH_BYTES + start, LENGTH_BYTES + end, text)

    def _take_tensor(self, name: str, start: int, entry: bytes, at: int) -> None:
        fields: dict[bytes, tuple[bytes, bytes]] = {}
        inside = 0
        while inside < len(entry) and (field := _FIELD.match(entry, inside)):
            if field[1] in fields:
                self._find(start, f"{field[1].decode()} stands twice in the tensor {name[:80]!r}")
            fields[field[1]] = (field[2] or b"", field[3] or b"")
            inside = field.end()
        if inside < len(entry) or len(fields) != len(_FIELDS) or entry.rstrip().endswith(b","):
            raise self._unreadable(at, "a tensor's dtype, shape and data_offsets")
        self._check_tensor(name, start, fields)

    def _check_tensor(
        self, name: str, start: int, fields: dict[bytes, tuple[bytes, bytes]]
    ) -> None:
        dtype = fields[b"dtype"][0].decode()
        shape, offsets = _numbers(fields[b"shape"][1]), _numbers(fields[b"data_offsets"][1])
        if shape is None or offsets is None or len(offsets) != 2 or len(shape) > _DIMENSIONS_MOST:  # noqa: PLR2004 - begin and end
            self._find(start, f"the tensor {name[:80]!r} has no shape and two offsets")
            return
        begin, end = offsets
        if not begin <= end <= self._room:
            where = f"at {begin} to {end} of {self._room} bytes"
            self._find(start, f"the tensor {name[:80]!r} is {where}")
            return
        bits = _BITS.get(dtype)
        if bits is None:
            self._find(start, f"the tensor {name[:80]!r} is of an unknown type {dtype}")
        elif math.prod(shape) * bits != (end - begin) * 8:
            self._find(start, f"the tensor {name[:80]!r} has {end - begin} bytes, not its shape's")
        self._places.extend((begin, end, start))

    def _check_places(self) -> None:
        """The tensors' bytes follow on each other, from the first byte to the file's last."""
        places, reached = self._places, 0
        order = sorted(range(0, len(places), 3), key=lambda each: (places[each], places[each + 1]))
        for each in order:
            begin, end, start = places[each : each + 3]
            if begin != reached:
                gap = "overlaps the one before" if begin < reached else "leaves a gap before it"
                self._find(start, f"the tensor at {begin} to {end} {gap}")
            reached = max(reached, end)
        if reached != self._room:
            self._find(
                0, f"the tensors have {reached:,} bytes, the file has {self._room:,} for them"
            )

    def _find(self, at: int, what: str) -> None:
        if len(self._faults) < FAULTS_MOST:
            self._faults.append(Fault(LENGTH_BYTES + at, what))

    def _unreadable(self, at: int, needed: str) -> HeaderError:
        there = self._data[at : at + 20]
        return HeaderError(LENGTH_BYTES + at, f"found {there!r}, need {needed}")


def _check_utf8(data: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            raise HeaderError(LENGTH_BYTES + start, "the header isn't UTF-8") from error


def _decoded(written: bytes) -> str:
    """A text of JSON in its quotation marks."""
    text: str = json.loads(written)
    return text


def _numbers(written: bytes) -> list[int] | None:
    """Whole numbers as JSON writes them; None where they are none, or too large."""
    parts = [part.strip(b" \t\n\r") for part in written.split(b",")]
    if parts == [b""]:
        return []
    if not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    return [int(part) for part in parts]

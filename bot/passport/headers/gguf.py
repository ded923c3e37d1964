"""The header of a GGUF file: pairs of keys and values, and where its tensors stand.

Rules
- Little-endian, version 2 or 3. Lists are passed over and not kept: a vocabulary is one.
- Tensors stand behind the header, from the next border of `general.alignment` on (32 unless said),
  each at an offset of its own.
- The header's end isn't written down: it is read in pieces, and is as long as a header may be.
"""

import struct

from bot.passport.headers.header import (
    FAULTS_MOST,
    HEADER_MOST,
    PARTS_MOST,
    SAYS_MOST,
    Fault,
    Header,
    HeaderError,
    Source,
)

FORMAT = "gguf"
MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_START = struct.Struct("<4sIQQ")
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")
_NUMBERS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_STRING, _ARRAY = 8, 9
_ALIGNMENT = "general.alignment"
_KEY_MOST, _TEXT_KEPT = 65_535, 100_000
_DIMENSIONS_MOST = 8
_NESTED_MOST = 4
_PIECE = 256 * 1024


def read(source: Source) -> Header:
    """The header of a file. Never raises for what stands in it."""
    scan = _Scan(source)
    faults = scan.faults
    try:
        scan.read()
    except HeaderError as error:
        faults.append(error.fault)
    return Header(
        FORMAT,
        scan.says,
        tensors=scan.tensors,
        data_start=scan.data_start,
        faults=tuple(faults),
    )


class _Scan:
    """A header, read from its start to its end."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held, self._held_at = b"", 0
        self._at = 0
        self._said = 0
        self.faults: list[Fault] = []
        self.says: dict[str, str] = {}
        self.tensors = 0
        self.data_start: int | None = None

    def read(self) -> None:
        """All of it. HeaderError where it can't be read on."""
        magic, version, tensors, pairs = _START.unpack(self._take(_START.size, "the start"))
        if magic != MAGIC:
            raise HeaderError(0, f"found {magic!r}, need {MAGIC!r}")
        if version not in _VERSIONS:
            raise HeaderError(4, f"version {version}; known are 2 and 3")
        for count, what in ((tensors, "tensors"), (pairs, "keys")):
            if count > PARTS_MOST:
                raise HeaderError(8, f"{count:,} {what}, at most {PARTS_MOST:,} are read")
        names = set[int]()
        for _ in range(pairs):
            self._read_pair(names)
        self._read_tensors(tensors)

    def _read_pair(self, names: set[int]) -> None:
        at, key = self._at, self._text(_KEY_MOST, "a key")
        if hash(key) in names:
            self._find(at, f"the key {key[:80]!r} stands there twice")
        names.add(hash(key))
        value = self._value(self._number(_U32, "a value's type"), 0)
        if value is None:
            return
        self._said += len(key) + len(value)
        if self._said > SAYS_MOST:
            self._find(at, f"it says more than {SAYS_MOST:,} bytes, which aren't kept")
        else:
            self.says[key] = value

    def _value(self, kind: int, depth: int) -> str | None:
        """A value in words; None of a list, and of a text that is too long to be kept."""
        if number := _NUMBERS.get(kind):
            value = self._number(number, "a number")
            return str(value).lower() if isinstance(value, bool) else str(value)
        if kind == _STRING:
            length = self._number(_U64, "a text's length")
            if length > _TEXT_KEPT:
                self._pass(length, "a text")
                return None
            return self._decoded(self._take(length, "a text"), "a text")
        if kind != _ARRAY or depth > _NESTED_MOST:
            raise HeaderError(self._at - _U32.size, f"a value of the unknown type {kind}")
        inside = self._number(_U32, "a list's type")
        count = self._number(_U64, "a list's length")
        if number := _NUMBERS.get(inside):
            self._pass(count * number.size, "a list")
        elif inside == _STRING:
            self._pass_texts(count)
        else:
            if count > PARTS_MOST:
                raise HeaderError(self._at, f"a list of {count:,} lists")
            for _ in range(count):
                self._value(inside, depth + 1)
        return None

    def _pass_texts(self, count: int) -> None:
        if count * _U64.size > self._source.size - self._at:
            raise HeaderError(self._at, f"a list of {count:,} texts, for which there is no room")
        for _ in range(count):
            self._pass(self._number(_U64, "a text's length"), "a text")

    def _read_tensors(self, count: int) -> None:
        names, places = set[int](), []
        for _ in range(count):
            at, name = self._at, self._text(_KEY_MOST, "a tensor's name")
            if hash(name) in names:
                self._find(at, f"the tensor {name[:80]!r} stands there twice")
            names.add(hash(name))
            dimensions = self._number(_U32, "a number of dimensions")
            if dimensions > _DIMENSIONS_MOST:
                raise HeaderError(self._at, f"a tensor of {dimensions:,} dimensions")
            self._pass(dimensions * _U64.size + _U32.size, "a tensor's shape and type")
            places.append((self._number(_U64, "a tensor's offset"), at))
            self.tensors += 1
        aligned = self._alignment()
        self.data_start = -(-self._at // aligned) * aligned
        room = max(0, self._source.size - self.data_start)
        before = -1
        for offset, at in sorted(places):
            if offset == before:
                self._find(at, f"two tensors begin at {offset:,}")
            if offset > room or offset % aligned:
                self._find(at, f"a tensor at {offset:,} of {room:,} bytes, aligned to {aligned}")
            before = offset

    def _alignment(self) -> int:
        said = self.says.get(_ALIGNMENT, "32")
        if not said.isdecimal() or not 0 < int(said) <= HEADER_MOST:
            self._find(0, f"{_ALIGNMENT} is {said[:20]}")
            return 32
        return int(said)

    def _text(self, most: int, what: str) -> str:
        length = self._number(_U64, f"the length of {what}")
        if length > most:
            raise HeaderError(self._at, f"{what} of {length:,} bytes, at most {most:,} are read")
        return self._decoded(self._take(length, what), what)

    def _decoded(self, data: bytes, what: str) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._find(self._at - len(data), f"{what} isn't UTF-8")
            return data.decode(errors="replace")

    def _number(self, number: struct.Struct, what: str) -> int:
        (value,) = number.unpack(self._take(number.size, what))
        return value  # type: ignore[no-any-return]

    def _take(self, length: int, what: str) -> bytes:
        """The next bytes; read in pieces, of which one is held."""
        start = self._at - self._held_at
        if start + length > len(self._held):
            self._within(length, what)
            self._held = self._source.some(self._at, max(length, _PIECE))
            self._held_at, start = self._at, 0
            if len(self._held) < length:
                raise HeaderError(self._at, f"{what} of {length:,} bytes, the file ends before")
        self._at += length
        return self._held[start : start + length]

    def _pass(self, length: int, what: str) -> None:
        self._within(length, what)
        self._at += length

    def _within(self, length: int, what: str) -> None:
        if self._at + length > self._source.size:
            size = self._source.size
            raise HeaderError(self._at, f"{what} of {length:,} bytes in a file of {size:,}")

    def _find(self, at: int, what: str) -> None:
        if len(self.faults) < FAULTS_MOST:
            self.faults.append(Fault(at, what))

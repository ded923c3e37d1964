"""What an ONNX file says of itself, and which other files hold its tensors.

Rules
- It is one protobuf message without a header: it is skimmed by passing over what isn't looked for,
  and no tensor is read.
- A tensor may lie in another file, beside this one or below it. One that lies elsewhere is found.
- Tensors are in a graph's initializers, in the attributes of nodes, in graphs within those, in
  functions and in what is given for training.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

from bot.passport.headers.header import (
    FAULTS_MOST,
    PARTS_MOST,
    SAYS_MOST,
    External,
    Fault,
    Header,
    HeaderError,
    Source,
)

FORMAT = "onnx"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_VARINT_MOST = 10
_TEXT_MOST = 65_535
_DEPTH_MOST = 32
_FIELDS_MOST = 20 * PARTS_MOST
_MODEL_TEXTS = {2: "producer_name", 3: "producer_version", 4: "domain", 6: "doc_string"}
_MODEL_NUMBERS = {1: "ir_version", 5: "model_version"}
_MODEL_LEADS = {7: "graph", 20: "training", 25: "function"}
_PROPERTIES = 14
_DATA_LOCATION, _EXTERNAL_DATA = 14, 13
_EXTERNAL = 1
# Which fields of a message lead to tensors, and to which message each does.
_LEADS: dict[str, dict[int, str]] = {
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
}
_PIECE = 64 * 1024


class _Field(NamedTuple):
    """A field of a message: a number, or where its bytes stand."""

    number: int
    wire: int
    value: int
    start: int
    end: int


def read(source: Source) -> Header:
    """What a file says of itself. Never raises for what stands in it."""
    skim = _Skim(source)
    try:
        skim.model()
    except HeaderError as error:
        skim.faults.append(error.fault)
    return Header(
        FORMAT,
        skim.says,
        tensors=skim.tensors,
        external=tuple(skim.external),
        faults=tuple(skim.faults),
    )


@dataclass
class _Skim:
    """A message, passed over but for what is looked for."""

    source: Source
    says: dict[str, str] = field(default_factory=dict)
    tensors: int = 0
    external: list[External] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _fields: int = 0
    _said: int = 0
    _held: bytes = b""
    _held_at: int = 0

    def model(self) -> None:
        """All of the file. HeaderError where it can't be read on."""
        if not self.source.size:
            raise HeaderError(0, "the file is empty")
        for each in self._message(0, self.source.size):
            if lead := _MODEL_LEADS.get(each.number):
                self._follow(lead, each, 0)
            elif each.number == _PROPERTIES:
                self._take_property(each)
            elif name := _MODEL_NUMBERS.get(each.number):
                self.says[name] = str(each.value)
            elif name := _MODEL_TEXTS.get(each.number):
                self._say(name, self._text(each), each.start)
        if "ir_version" not in self.says:
            self._find(0, "it doesn't say which version of ONNX it is: it may be none")

    def _take_property(self, within: _Field) -> None:
        key, value = self._pair(within)
        if f"metadata.{key}" in self.says:
            self._find(within.start, f"the property {key[:80]!r} stands there twice")
        self._say(f"metadata.{key}", value, within.start)

    def _follow(self, kind: str, within: _Field, depth: int) -> None:
        if depth > _DEPTH_MOST:
            raise HeaderError(within.start, f"graphs within graphs, more than {_DEPTH_MOST} deep")
        if kind == "tensor":
            self._tensor(within)
            return
        leads = _LEADS[kind]
        for each in self._message(within.start, within.end):
            if each.wire == _BYTES and (inner := leads.get(each.number)):
                self._follow(inner, each, depth + 1)

    def _tensor(self, within: _Field) -> None:
        self.tensors += 1
        if self.tensors > PARTS_MOST:
            raise HeaderError(within.start, f"more than {PARTS_MOST:,} tensors")
        said: dict[str, str] = {}
        is_external = False
        for each in self._message(within.start, within.end):
            if each.number == _DATA_LOCATION:
                is_external = each.value == _EXTERNAL
            elif each.number == _EXTERNAL_DATA:
                key, value = self._pair(each)
                said[key] = value
        if is_external or said:
            self._take_external(said, within.start)

    def _take_external(self, said: dict[str, str], at: int) -> None:
        location = said.get("location", "")
        path = PurePosixPath(location)
        if not location or path.is_absolute() or ".." in path.parts or "\\" in location:
            self._find(at, f"a tensor lies in {location[:200]!r}, which isn't beside this file")
            return
        numbers = [said.get(name) for name in ("offset", "length")]
        if not all(each is None or (each.isdecimal() and len(each) < 20) for each in numbers):  # noqa: PLR2004 - digits of 64 bits
            self._find(at, f"a tensor's place in {location[:200]!r} can't be read")
            return
        offset, length = (None if each is None else int(each) for each in numbers)
        self.external.append(External(location, offset or 0, length, at))

    def _pair(self, within: _Field) -> tuple[str, str]:
        texts = {each.number: each for each in self._message(within.start, within.end)}
        key, value = (self._text(texts[number]) if number in texts else "" for number in (1, 2))
        return key, value

    def _text(self, at: _Field) -> str:
        if at.wire != _BYTES or at.end - at.start > _TEXT_MOST:
            length = f"{at.end - at.start:,}"
            self._find(at.start, f"a text of {length} bytes, at most {_TEXT_MOST:,} are read")
            return ""
        data = self._bytes(at.start, at.end - at.start)
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._find(at.start, "a text isn't UTF-8")
            return data.decode(errors="replace")

    def _say(self, name: str, text: str, at: int) -> None:
        self._said += len(name) + len(text)
        if self._said > SAYS_MOST:
            self._find(at, f"it says more than {SAYS_MOST:,} bytes, which aren't kept")
        else:
            self.says[name] = text

    def _message(self, start: int, end: int) -> Iterator[_Field]:
        """The fields between these bytes. HeaderError where they aren't a message's."""
        at = start
        while at < end:
            self._fields += 1
            if self._fields > _FIELDS_MOST:
                raise HeaderError(at, f"more than {_FIELDS_MOST:,} fields")
            began = at
            tag, at = self._varint(at, end)
            number, wire, value = tag >> 3, tag & 7, 0
            if wire == _VARINT:
                value, at = self._varint(at, end)
                yield _Field(number, wire, value, at, at)
                continue
            if wire == _BYTES:
                length, at = self._varint(at, end)
            elif wire in (_FIXED64, _FIXED32):
                length = 8 if wire == _FIXED64 else 4
            else:
                raise HeaderError(began, f"a field of the unknown kind {wire}")
            if number == 0 or at + length > end:
                raise HeaderError(began, f"a field of {length:,} bytes, {end - at:,} are left")
            yield _Field(number, wire, value, at, at + length)
            at += length

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        data = self._bytes(at, min(_VARINT_MOST, end - at))
        value = 0
        for count, byte in enumerate(data):
            value |= (byte & 0x7F) << 7 * count
            if byte < 0x80:  # noqa: PLR2004 - the bit that says that there is more
                return value, at + count + 1
        raise HeaderError(at, "a number that doesn't end")

    def _bytes(self, at: int, length: int) -> bytes:
        start = at - self._held_at
        if start < 0 or start + length > len(self._held):
            self._held = self.source.some(at, max(length, _PIECE))
            self._held_at, start = at, 0
        return self._held[start : start + length]

    def _find(self, at: int, what: str) -> None:
        if len(self.faults) < FAULTS_MOST:
            self.faults.append(Fault(at, what))

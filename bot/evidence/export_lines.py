"""The lines of an export, each as a value; their form is in `docs/export.md`.

Rules
- A line is canonical JSON of one object, whose form says what it is. Nothing else is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring as quoted
from typing import Any, ClassVar

from bot.evidence import canonical
from bot.evidence.canonical import in_order
from bot.evidence.errors import MalformedError
from bot.evidence.keys import VerifierKey
from bot.evidence.leaf import Leaf, fields_of, moment, read_moment
from bot.evidence.lines import base64_of, read_hash
from bot.evidence.parsing import parsed

FORM = 1
ERASED = "erased"  # no path: those begin with people, account or event
_PAIR = 2
Opened = tuple[str, str]  # salt, and the value's JSON as it was committed to
Personal = Mapping[str, Opened | str]


@dataclass(frozen=True, slots=True)
class Head:
    """Which log, and how large it is: `size` leaves under `root`."""

    order: ClassVar[int] = 0
    origin: str
    size: int
    root: bytes
    exported_at: datetime

    @property
    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "export": FORM,
            "origin": self.origin,
            "size": self.size,
            "root": base64_of(self.root),
            "exported_at": moment(self.exported_at),
        }

    @classmethod
    def read(cls, value: dict[str, Any]) -> "Head":
        """From its JSON; MalformedError."""
        types = {"export": int, "origin": str, "size": int, "root": str, "exported_at": str}
        each = fields_of(value, types, "the first line")
        if each["export"] != FORM:
            raise MalformedError(f"an export of form {each['export']}; known is {FORM}")
        at = read_moment(each["exported_at"], "exported_at")
        return cls(each["origin"], each["size"], read_hash(each["root"], "the root"), at)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the log (type 01), or of a witness (type 04)."""

    order: ClassVar[int] = 1
    key: VerifierKey

    @property
    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"key": str(self.key)}

    @classmethod
    def read(cls, value: dict[str, Any]) -> "Key":
        """From its JSON; MalformedError."""
        return cls(VerifierKey.read(fields_of(value, {"key": str}, "a key")["key"]))


@dataclass(frozen=True, slots=True)
class Document:
    """A policy or the sources, whole; `digest` is that of the document's bytes."""

    order: ClassVar[int] = 2
    digest: str
    kind: str
    name: str
    document: str

    @property
    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        fields = ("digest", "kind", "name", "document")
        return {"document": {name: getattr(self, name) for name in fields}}

    @classmethod
    def read(cls, value: dict[str, Any]) -> "Document":
        """From its JSON; MalformedError."""
        types = dict.fromkeys(("digest", "kind", "name", "document"), str)
        inner = fields_of(value, {"document": dict}, "a document")["document"]
        return cls(**fields_of(inner, types, "a document"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf of the log with its bytes, and beside it what is personal in it.

    `personal` has by its path the salt and the text of a value; of values that were erased there is
    left when the last of them was, under `ERASED`.
    """

    order: ClassVar[int] = 3
    leaf: Leaf
    personal: Personal = field(default_factory=dict)
    data: bytes = b""

    @property
    def erased_at(self) -> str | None:
        """When the last of its values was erased that are gone."""
        at = self.personal.get(ERASED)
        return at if isinstance(at, str) else None

    @classmethod
    def of(cls, leaf: Leaf, personal: Personal) -> "Entry":
        """A leaf that is to be written."""
        return cls(leaf, personal, leaf.data)

    @property
    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        beside = {"personal": dict(self.personal)} if self.personal else {}
        return {"leaf": self.leaf.content, **beside}

    @property
    def line(self) -> bytes:
        """`content` in canonical JSON, with a newline; written by hand around the leaf's bytes.

        MalformedError where a text has no UTF-8.
        """
        if not self.personal:
            return b'{"leaf":%b}\n' % self.data
        beside = ",".join(
            f"{quoted(path)}:" + (quoted(each) if isinstance(each, str) else _pair(*each))
            for path, each in ((path, self.personal[path]) for path in in_order(self.personal))
        )
        try:
            return b'{"leaf":%b,"personal":{%b}}\n' % (self.data, beside.encode())
        except UnicodeEncodeError as error:
            raise MalformedError("a surrogate stands alone") from error

    @classmethod
    def read(cls, value: dict[str, Any]) -> "Entry":
        """From its JSON; MalformedError."""
        types = {"leaf": dict, "personal": dict} if "personal" in value else {"leaf": dict}
        each = fields_of(value, types, "a leaf's line")
        found = each.get("personal", {})
        if found == {} and "personal" in value:
            raise MalformedError("personal is left out where there is nothing in it")
        leaf = Leaf.read(each["leaf"])
        return cls(leaf, {path: _opened(path, found[path]) for path in found}, leaf.data)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as the log gave it out, and the signature lines by witnesses."""

    order: ClassVar[int] = 4
    note: str
    cosignatures: tuple[str, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"checkpoint": self.note, "cosignatures": list(self.cosignatures)}

    @classmethod
    def read(cls, value: dict[str, Any]) -> "Checkpoint":
        """From its JSON; MalformedError."""
        each = fields_of(value, {"checkpoint": str, "cosignatures": list}, "a checkpoint's line")
        if not all(isinstance(line, str) for line in each["cosignatures"]):
            raise MalformedError("a cosignature is text")
        return cls(each["checkpoint"], tuple(each["cosignatures"]))


@dataclass(frozen=True, slots=True)
class End:
    """The signed note over all lines before."""

    order: ClassVar[int] = 5
    note: str

    @property
    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"end": self.note}

    @classmethod
    def read(cls, value: dict[str, Any]) -> "End":
        """From its JSON; MalformedError."""
        return cls(fields_of(value, {"end": str}, "the last line")["end"])


Line = Head | Key | Document | Entry | Checkpoint | End
LEAF = b'{"leaf":'  # so begins the line of an `Entry`, and no other line
_KINDS: Mapping[str, type[Line]] = {
    "export": Head,
    "key": Key,
    "document": Document,
    "leaf": Entry,
    "checkpoint": Checkpoint,
    "end": End,
}


def write_line(line: Line) -> bytes:
    """The bytes of a line, with its newline."""
    return line.line if isinstance(line, Entry) else canonical.encode(line.content) + b"\n"


def read_line(data: bytes) -> Line:
    """A line from its bytes. MalformedError says what is wrong with it."""
    if not data.endswith(b"\n"):
        raise MalformedError("a line ends with a newline")
    try:
        value = parsed(data)
    except ValueError as error:
        raise MalformedError("no JSON") from error
    if not isinstance(value, dict):
        raise MalformedError("a line is an object")
    name = "leaf" if "leaf" in value else next(filter(value.__contains__, _KINDS), None)
    if name is None:
        raise MalformedError(f"a line is one of {', '.join(_KINDS)}")
    line = _KINDS[name].read(value)
    if write_line(line) != data:
        raise MalformedError("JSON, but not canonical by RFC 8785")
    return line


def _pair(salt: str, text: str) -> str:
    return f"[{quoted(salt)},{quoted(text)}]"


def _opened(path: str, found: object) -> Opened | str:
    if path == ERASED:
        if isinstance(found, str):
            read_moment(found, "when something was erased")
            return found
        raise MalformedError("when something was erased is a time")
    if isinstance(found, list) and len(found) == _PAIR:
        salt, text = found
        if isinstance(salt, str) and isinstance(text, str):
            return salt, text
    raise MalformedError(f"{path} is a salt and a value's text")

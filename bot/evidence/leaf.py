"""A leaf of the log: one event of the record, as the bytes that are hashed; see `docs/log.md`.

Rules
- The bytes are canonical JSON (RFC 8785) of exactly the fields below. What was stored of the event
  stands in it as text, so that no number is ever written anew.
- What is personal is in it as commitments alone, so that it can be erased and the leaf stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring as quoted
from typing import Any

from bot.evidence import canonical
from bot.evidence.errors import MalformedError

FORM = 1
SALT_DIGITS = 32
_HEX = frozenset("0123456789abcdef")
_TYPES: Mapping[str, type] = {
    "actor": str,
    "at": str,
    "kind": str,
    "log": int,
    "payload": str,
    "salt": str,
    "schema": int,
    "seq": int,
    "stream": dict,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event in its place: which stream, its number there, when, what, by whom.

    `payload` are the event's stored bytes; `salt` are 16 random bytes of the leaf's own, in hex.
    """

    stream_kind: str
    stream_id: str
    seq: int
    at: datetime
    kind: str
    schema: int
    actor: str
    payload: str
    salt: str

    @classmethod
    def read(cls, value: object) -> "Leaf":
        """A leaf from its JSON. MalformedError says what is wrong with it."""
        fields = fields_of(value, _TYPES, "a leaf")
        stream = fields_of(fields["stream"], {"id": str, "kind": str}, "a leaf's stream")
        if fields["log"] != FORM:
            raise MalformedError(f"a leaf is of form {FORM}, this one of {fields['log']}")
        salt = fields["salt"]
        if len(salt) != SALT_DIGITS or not _HEX.issuperset(salt):
            raise MalformedError(f"a leaf's salt is {SALT_DIGITS} small hex digits")
        if fields["seq"] < 1 or fields["schema"] < 1:
            raise MalformedError("a leaf's seq and schema count from 1")
        return cls(
            stream["kind"],
            stream["id"],
            fields["seq"],
            read_moment(fields["at"], "a leaf's at"),
            fields["kind"],
            fields["schema"],
            fields["actor"],
            fields["payload"],
            salt,
        )

    @property
    def content(self) -> dict[str, Any]:
        """The leaf as JSON has it."""
        return {
            "log": FORM,
            "salt": self.salt,
            "stream": {"kind": self.stream_kind, "id": self.stream_id},
            "seq": self.seq,
            "at": moment(self.at),
            "kind": self.kind,
            "schema": self.schema,
            "actor": self.actor,
            "payload": self.payload,
        }

    @property
    def data(self) -> bytes:
        """The bytes that are hashed: `content` in canonical JSON, its keys in their order.

        Written here by hand, since each event of the record passes: three times as fast as what
        writes any value. MalformedError where text has no UTF-8.
        """
        if max(self.seq, self.schema) > canonical.MOST_SAFE:
            raise MalformedError(f"no canonical JSON: a whole number beyond {canonical.MOST_SAFE}")
        written = (
            f'{{"actor":{quoted(self.actor)},"at":"{moment(self.at)}","kind":{quoted(self.kind)},'
            f'"log":{FORM},"payload":{quoted(self.payload)},"salt":{quoted(self.salt)},'
            f'"schema":{self.schema},"seq":{self.seq},"stream":{{"id":{quoted(self.stream_id)},'
            f'"kind":{quoted(self.stream_kind)}}}}}'
        )
        try:
            return written.encode()
        except UnicodeEncodeError as error:
            raise MalformedError("no canonical JSON: a surrogate stands alone") from error

    @property
    def words(self) -> str:
        """How it is called in what is said of it."""
        return f"event {self.seq} ({self.kind}) of {self.stream_kind} {self.stream_id}"


def fields_of(value: object, types: Mapping[str, type], what: str) -> dict[str, Any]:
    """The fields of an object. MalformedError unless it has exactly these, each of its type."""
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is an object")
    if value.keys() != types.keys():
        names = ", ".join(sorted(types))
        raise MalformedError(f"{what} has exactly the fields {names}")
    for name, wanted in types.items():
        if type(value[name]) is not wanted:
            raise MalformedError(f"{what}: {name} is no {wanted.__name__}")
    return value


def moment(at: datetime) -> str:
    """A time as it is written: UTC, to the microsecond, `2026-11-27T12:00:00.000000Z`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_moment(written: str, what: str) -> datetime:
    """The time. MalformedError, which names `what`, where anything but `moment` wrote it."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise MalformedError(f"{what} is no time") from error
    if at.utcoffset() is None or moment(at) != written:
        raise MalformedError(f"{what} is not written as 2026-11-27T12:00:00.000000Z")
    return at

"""Keys of C2SP signed notes: a name, and an Ed25519 key for one type of signature.

Rules
- A verifier key is written `name+id+base64(type ‖ key)`; the base64 may hold a `+`, a name may not.
- A key's id is the first four bytes of SHA-256(name ‖ newline ‖ type ‖ key), in hex. A key whose id
  is another was mistyped, and is refused.
- Type 01 signs a note's text. Type 04 is a witness's (tlog-cosignature): it signs the text and the
  time. Others are refused by name. The bot signs with 01 only.
- A signing key is written as Go writes it: `PRIVATE+KEY+name+id+base64(type ‖ seed)`.
"""

import hashlib
import re
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.evidence.errors import MalformedError, UnsignedError
from bot.evidence.lines import MOST, base64_of, read_base64

ID_BYTES = 4
KEY_BYTES = 32
SIGNATURE_BYTES = 64
TIME_BYTES = 8
PRIVATE = "PRIVATE+KEY+"
_ID = re.compile(r"[0-9a-f]{8}")
_CONTROL = re.compile(r"[\x00-\x1f]")


class KeyType(IntEnum):
    """The types of signature that are known here, by signed-note's table."""

    ED25519 = 1
    COSIGNATURE = 4


def require_name(name: str) -> None:
    """MalformedError unless this can be the name of a key (signed-note, Format)."""
    if not name:
        raise MalformedError("a key's name is empty")
    if "+" in name or any(character.isspace() for character in name) or _CONTROL.search(name):
        raise MalformedError(f"a key's name has a space, a control or a `+` in it: {name!r}")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise MalformedError(f"a key's name is no UTF-8: {name!r}") from error


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may have signed a note. `public` are the 32 bytes of an Ed25519 key."""

    name: str
    type: KeyType
    public: bytes

    @classmethod
    def read(cls, written: str) -> "VerifierKey":
        """A verifier key as it is written. MalformedError says what is wrong with it."""
        name, type_, public = _read(written, "a verifier key")
        key = cls(name, type_, public)
        _require_same(key, written)
        return key

    @property
    def id(self) -> bytes:
        """Four bytes; a signature line names the key by them and the name. They prove nothing."""
        digest = hashlib.sha256(f"{self.name}\n".encode() + bytes([self.type]) + self.public)
        return digest.digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64_of(bytes([self.type]) + self.public)}"

    def verify(self, text: str, signature: bytes) -> int | None:
        """When a cosignature was made, in seconds since 1970; None for one that has no time.

        UnsignedError unless the signature is this key's on this text.
        """
        timed = self.type is KeyType.COSIGNATURE
        if len(signature) != SIGNATURE_BYTES + (TIME_BYTES if timed else 0):
            raise UnsignedError(f"a signature by {self.name} has {len(signature)} bytes")
        at, message = None, text.encode()
        if timed:
            at = int.from_bytes(signature[:TIME_BYTES], "big")
            message = f"cosignature/v1\ntime {at}\n".encode() + message
            if at > MOST:
                raise UnsignedError(f"a cosignature by {self.name} has no time before 2^63")
        try:
            public = Ed25519PublicKey.from_public_bytes(self.public)
            public.verify(signature[-SIGNATURE_BYTES:], message)
        except (InvalidSignature, ValueError) as error:
            raise UnsignedError(f"a signature by {self.name} is false") from error
        return at


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What the log signs its checkpoints with. `seed` are an Ed25519 key's 32 secret bytes."""

    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> "SigningKey":
        """A new key from the system's randomness. MalformedError where the name can't be one."""
        require_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, written: str) -> "SigningKey":
        """A key as `written` wrote it. MalformedError says what is wrong, and never repeats it."""
        if not written.startswith(PRIVATE):
            raise MalformedError(f"a signing key begins with {PRIVATE}")
        public = written.removeprefix(PRIVATE)
        name, type_, seed = _read(public, "a signing key")
        if type_ is not KeyType.ED25519:
            raise MalformedError(f"a signing key is of type 01, this one of {type_:02x}")
        key = cls(name, seed)
        if key.written != written:
            raise MalformedError("a signing key's id doesn't belong to its name and key")
        return key

    @property
    def written(self) -> str:
        """The key as it is configured. It is a secret."""
        material = base64_of(bytes([KeyType.ED25519]) + self.seed)
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{material}"

    @property
    def verifier(self) -> VerifierKey:
        """The key that its signatures are verified by."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, KeyType.ED25519, public.public_bytes_raw())

    def sign(self, text: str) -> bytes:
        """The 64 bytes of a signature on a note's text."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())


def _read(written: str, what: str) -> tuple[str, KeyType, bytes]:
    """Name, type and key material of what is written; whether the id fits is left to the caller."""
    parts = written.split("+", 2)
    if len(parts) < 3:  # noqa: PLR2004 - name, id, material
        raise MalformedError(f"{what} is written name+id+base64")
    name, id_, encoded = parts
    require_name(name)
    if not _ID.fullmatch(id_):
        raise MalformedError(f"{what} has no id of 8 small hex digits")
    material = read_base64(encoded, f"the third part of {what}")
    if not material:
        raise MalformedError(f"{what} is empty")
    if material[0] not in set(KeyType):
        raise MalformedError(f"{what} is of type {material[0]:02x}; known are 01 and 04 (Ed25519)")
    if len(material) != 1 + KEY_BYTES:
        raise MalformedError(f"{what} of Ed25519 has {KEY_BYTES} bytes, not {len(material) - 1}")
    return name, KeyType(material[0]), material[1:]


def _require_same(key: VerifierKey, written: str) -> None:
    if str(key) != written:
        raise MalformedError(f"the id of the key {key.name} doesn't belong to its name and key")

"""Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature.

Rules
- A note is UTF-8 without any control but the newline. Its last empty line ends the text.
- A signature line is `— name base64(key's id ‖ signature)`. Name and id together say whose it is.
- Signatures by unknown keys are ignored. One by a known key that is false spoils the whole note,
  and a note without any by a known key is nobody's.
- At most 100 signatures are taken, in at most 1 MB; every reader has to take 16.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.evidence.errors import MalformedError, UnsignedError
from bot.evidence.keys import ID_BYTES, SigningKey, VerifierKey, require_name
from bot.evidence.lines import base64_of, read_base64

SIGNATURES_MOST = 100
BYTES_MOST = 1_000_000
_DASH = "\N{EM DASH}"
_NOTE = re.compile("(.+?\n\n(?:\N{EM DASH} [^\n]+\n)+)\n*".encode(), re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """A line below a note: the name and the id (4 bytes) of a key, and what was signed with it."""

    name: str
    id: bytes
    signature: bytes

    @classmethod
    def read(cls, line: str) -> "Signature":
        """A line without its newline. MalformedError says what is wrong with it."""
        dash, _, rest = line.partition(" ")
        name, blank, encoded = rest.partition(" ")
        if dash != _DASH or not blank:
            raise MalformedError(f"a signature line is `{_DASH} name base64`: {line[:80]!r}")
        require_name(name)
        data = read_base64(encoded, f"the signature by {name}")
        if len(data) <= ID_BYTES:
            raise MalformedError(f"the signature by {name} is nothing but a key's id")
        return cls(name, data[:ID_BYTES], data[ID_BYTES:])

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {base64_of(self.id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that was verified: by which key, and its time in seconds since 1970, or None."""

    key: VerifierKey
    time: int | None
    signature: Signature


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and the signatures below it. Nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, data: bytes) -> "Note":
        """A note as it is sent. MalformedError says what is wrong with it."""
        if len(data) > BYTES_MOST:
            raise MalformedError(f"a note has at most {BYTES_MOST} bytes, this one {len(data)}")
        whole = decoded(data)
        text, parted, below = whole.rpartition("\n\n")
        if not parted:
            raise MalformedError("a note has a blank line between text and signatures")
        return cls(f"{text}\n", read_signatures(below))

    @classmethod
    def signed(cls, text: str, keys: Iterable[SigningKey]) -> "Note":
        """A note with a signature by each key. MalformedError where the text can't be a note's."""
        made = (Signature(key.name, key.verifier.id, key.sign(text)) for key in keys)
        note = cls(text, tuple(made))
        if cls.read(bytes(note)) != note:
            raise MalformedError("a note's text ends with a newline")
        return note

    def __bytes__(self) -> bytes:
        lines = "".join(f"{signature}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def adding(self, signatures: Iterable[Signature]) -> "Note":
        """The note with further signatures; those that stand there already aren't repeated."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *signatures))))

    def verified(self, known: Iterable[VerifierKey]) -> list[Verified]:
        """The signatures by known keys, one at least.

        UnsignedError where there is none, or where one of them is false. MalformedError where two
        known keys can't be told apart.
        """
        keys: dict[tuple[str, bytes], VerifierKey] = {}
        for key in known:
            if keys.setdefault((key.name, key.id), key) != key:
                raise MalformedError(f"two keys are called {key.name} and have the same id")
        signed: list[Verified] = []
        for signature in self.signatures:
            signer = keys.get((signature.name, signature.id))
            if signer is not None:
                time = signer.verify(self.text, signature.signature)
                signed.append(Verified(signer, time, signature))
        if not signed:
            names = ", ".join(sorted({key.name for key in keys.values()})) or "nobody"
            raise UnsignedError(f"no signature by a known key: known are those of {names}")
        return signed


def notes_in(data: bytes) -> list[bytes]:
    """The notes of a file, one behind the other, with empty lines between or none.

    A file with anything else in it is one note, for whoever reads it to say what is wrong with it.
    """
    notes: list[bytes] = _NOTE.findall(data + b"\n")
    rest = _NOTE.sub(b"", data + b"\n").strip(b"\n")
    return notes if notes and not rest else [data]


def decoded(data: bytes) -> str:
    """The text of a note or of a part of it. MalformedError unless it is UTF-8 without controls."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("a note is UTF-8") from error
    control = _CONTROL.search(text)
    if control:
        raise MalformedError(f"a note has no control but newlines: {control.group()!r}")
    return text


def read_signatures(below: str) -> tuple[Signature, ...]:
    """Lines of signatures, one at least. MalformedError says what is wrong with them."""
    if not below.endswith("\n"):
        raise MalformedError("a note ends with a signature line and a newline")
    lines = below.removesuffix("\n").split("\n")
    if len(lines) > SIGNATURES_MOST:
        raise MalformedError(f"at most {SIGNATURES_MOST} signatures are taken, not {len(lines)}")
    return tuple(map(Signature.read, lines))

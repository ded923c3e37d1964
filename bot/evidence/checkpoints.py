"""Checkpoints (C2SP tlog-checkpoint): which log, how many leaves, which root; signed as a note.

Rules
- Origin, size and root stand on three lines. No further ones are written, and none are taken, since
  nobody could audit them.
- The log's keys are called as its origin is: a key of one log can't sign for another.
- The log itself has to have signed; cosignatures by witnesses come on top and never replace that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.evidence.errors import MalformedError, UnsignedError
from bot.evidence.keys import KeyType, SigningKey, VerifierKey, require_name
from bot.evidence.lines import base64_of, read_decimal, read_hash
from bot.evidence.notes import Note

_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one size: its origin, its number of leaves, and the 32 bytes of its root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """A checkpoint from a note's text. MalformedError says what is wrong with it."""
        lines = text.split("\n")
        if len(lines) <= _LINES or lines[-1]:
            raise MalformedError("a checkpoint is three lines: origin, size, root")
        if len(lines) > _LINES + 1:
            raise MalformedError("a checkpoint has an extension line; none are taken")
        origin, size, root, _ = lines
        require_name(origin)
        return cls(
            origin,
            read_decimal(size, "a checkpoint's size"),
            read_hash(root, "a checkpoint's root"),
        )

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"

    def signed(self, keys: Iterable[SigningKey]) -> Note:
        """The checkpoint as a note, with a line for each key: two while a key is being replaced.

        ValueError where a key isn't called as the origin is.
        """
        keys = list(keys)
        foreign = [key.name for key in keys if key.name != self.origin]
        if foreign:
            raise ValueError(f"a key of {foreign[0]} doesn't sign for the log {self.origin}")
        return Note.signed(self.text, keys)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that its log signed, by which keys, and when which witness cosigned it last."""

    checkpoint: Checkpoint
    note: Note
    signed_by: frozenset[VerifierKey]
    cosigned: Mapping[VerifierKey, int]

    @classmethod
    def open(
        cls, data: bytes, log: Iterable[VerifierKey], witnesses: Iterable[VerifierKey] = ()
    ) -> "SignedCheckpoint":
        """A checkpoint as it is sent, held against the keys of a log and of witnesses.

        MalformedError where it is none; UnsignedError where none of the log's keys has signed it,
        or a signature by any of these keys is false. Times are seconds since 1970.
        """
        note = Note.read(data)
        checkpoint = Checkpoint.read(note.text)
        logs = {key for key in log if key.type is KeyType.ED25519 and key.name == checkpoint.origin}
        verified = note.verified({*logs, *witnesses})
        signed_by = frozenset(each.key for each in verified if each.key in logs)
        if not signed_by:
            raise UnsignedError(
                f"the log {checkpoint.origin} itself has not signed this checkpoint"
            )
        cosigned: dict[VerifierKey, int] = {}
        for each in verified:
            if each.time is not None:
                cosigned[each.key] = max(each.time, cosigned.get(each.key, each.time))
        return cls(checkpoint, note, signed_by, cosigned)

"""What is asked of a witness and what it answers (C2SP tlog-witness, add-checkpoint); no network.

Rules
- A request shows that the checkpoint continues the one that the witness has seen last. A witness
  that has seen another size names it, and is asked once more from there.
- Only signatures by keys of this witness that are configured count.
- All else is a refusal. Who refuses may have seen another history than ours, so that somebody has
  to look: above all where it has seen more leaves than we have, or another root for as many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.evidence.checkpoints import Checkpoint
from bot.evidence.errors import EvidenceError, MalformedError
from bot.evidence.keys import KeyType, VerifierKey
from bot.evidence.lines import PROOF_MOST, base64_of, read_decimal
from bot.evidence.notes import Note, Signature, decoded, read_signatures

PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
_OK, _CONFLICT = 200, 409
_REASONS = {
    400: "the old size is larger than the checkpoint's, or the request is malformed",
    403: "it knows none of the keys that signed the checkpoint",
    404: "it does not know this log's origin",
    409: "it has seen another root for as many leaves",
    422: "the proof doesn't show that the checkpoint continues what it has seen",
}


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness has cosigned: its signatures, verified, to be added to the checkpoint's note."""

    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class SeenAt:
    """The last that the witness has seen is another size: ask again, with a proof from there."""

    size: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The witness does not cosign, and why: for people, beginning with a small letter."""

    why: str


Answer = Cosigned | SeenAt | Refused


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A signed checkpoint, and the proof that it continues the `old` leaves that a witness saw.

    `old` is 0, and the proof empty, where it is not known what a witness has seen.
    """

    old: int
    proof: Sequence[bytes]
    note: Note

    @property
    def body(self) -> bytes:
        """What is sent by POST. ValueError where the proof is longer than any can be."""
        if len(self.proof) > PROOF_MOST:
            raise ValueError(f"a proof has at most {PROOF_MOST} hashes, this one {len(self.proof)}")
        lines = [f"old {self.old}", *map(base64_of, self.proof)]
        return "\n".join(lines).encode() + b"\n\n" + bytes(self.note)

    def answer(
        self, status: int, content_type: str, body: bytes, keys: Iterable[VerifierKey]
    ) -> Answer:
        """What the witness with these keys said. `content_type` is the header's value, or empty."""
        try:
            if status == _OK:
                return self._cosigned(body, keys)
            if status == _CONFLICT and content_type.partition(";")[0].strip().lower() == SIZE_TYPE:
                return self._seen_at(body)
        except EvidenceError as error:
            return Refused(f"its answer can't be used: {error}")
        return Refused(_REASONS.get(status, f"it answered with HTTP {status}"))

    def _cosigned(self, body: bytes, keys: Iterable[VerifierKey]) -> Cosigned:
        theirs = Note(self.note.text, read_signatures(decoded(body)))
        cosigners = [key for key in keys if key.type is KeyType.COSIGNATURE]
        return Cosigned(tuple(each.signature for each in theirs.verified(cosigners)))

    def _seen_at(self, body: bytes) -> Answer:
        written = decoded(body)
        if not written.endswith("\n"):
            raise MalformedError("a size ends with a newline")
        size = read_decimal(written.removesuffix("\n"), "the size that it has seen")
        ours = Checkpoint.read(self.note.text).size
        if size > ours:
            return Refused(f"it has seen {size} leaves, we have {ours}")
        # The size that it was asked from: what it minds is the root, and asking again won't help.
        return Refused(_REASONS[_CONFLICT]) if size == self.old else SeenAt(size)

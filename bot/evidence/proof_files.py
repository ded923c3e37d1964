"""Proof files (C2SP tlog-proof): that one leaf is in the log, to be mailed and checked offline.

Rules
- A header, perhaps `extra`, the leaf's index, the proof of inclusion, an empty line, and then the
  signed checkpoint, byte by byte as the log gave it out.
- `extra` proves nothing: it isn't signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.errors import MalformedError
from bot.evidence.keys import VerifierKey
from bot.evidence.lines import after, base64_of, read_base64, read_decimal, read_proof
from bot.evidence.notes import decoded
from bot.evidence.proof_checks import check_inclusion
from bot.evidence.tree import leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A leaf's index, the hashes that lead to the root, and the bytes of a signed checkpoint."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    @classmethod
    def read(cls, data: bytes) -> "ProofFile":
        """A proof as it is stored. MalformedError says what is wrong with it.

        The checkpoint in it is read by `verify`.
        """
        head, parted, checkpoint = decoded(data).partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER:
            raise MalformedError(f"a proof begins with the line {HEADER}")
        if not parted:
            raise MalformedError("a proof has an empty line before its checkpoint")
        extra = None
        if lines and lines[0].startswith(_EXTRA):
            extra = read_base64(lines.pop(0).removeprefix(_EXTRA), "a proof's extra")
        if not lines:
            raise MalformedError("a proof has an index")
        index = read_decimal(after("index", lines.pop(0), "a proof"), "a proof's index")
        return cls(index, read_proof(lines), checkpoint.encode(), extra)

    def __bytes__(self) -> bytes:
        extra = [] if self.extra is None else [_EXTRA + base64_of(self.extra)]
        lines = [HEADER, *extra, f"index {self.index}", *map(base64_of, self.proof)]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    def verify(
        self, leaf: bytes, log: Iterable[VerifierKey], witnesses: Iterable[VerifierKey] = ()
    ) -> SignedCheckpoint:
        """The checkpoint in which a leaf, given by its bytes, is proved to be.

        MalformedError or UnsignedError by `SignedCheckpoint.open`; ProofError where it isn't.
        """
        signed = SignedCheckpoint.open(self.checkpoint, log, witnesses)
        size, root = signed.checkpoint.size, signed.checkpoint.root
        check_inclusion(leaf_hash(leaf), self.index, size, self.proof, root)
        return signed

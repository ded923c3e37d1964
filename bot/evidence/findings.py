"""What a verifier finds, each by its kind and its place, and what it comes to.

Rules
- So many findings are kept, and further ones are counted: one flipped bit can spoil a million.
"""

from dataclasses import dataclass, field
from enum import StrEnum

MOST = 1000


class Kind(StrEnum):
    """The kinds of what can be wrong with an export."""

    LINE = "line"  # it can't be read
    ORDER = "order"  # it stands in another place than it may, or is there twice
    HEAD = "head"  # the leaves give another size or root
    BYTES = "bytes"  # the end is signed over other bytes
    SIGNATURE = "signature"
    COSIGNATURE = "cosignature"
    WITNESSES = "witnesses"  # fewer than are wanted have cosigned
    ROOT = "root"  # a checkpoint has another root than the leaves give
    CONSISTENCY = "consistency"  # so has the checkpoint that the auditor kept
    COMMITMENT = "commitment"  # a value is not what was committed to
    DOCUMENT = "document"  # a document has another digest
    SEQUENCE = "sequence"  # an event doesn't follow on the one before in its stream
    TRANSITION = "transition"  # the table has no such step
    SECOND_DECISION = "second-decision"
    OWN_VIOLATION = "own-violation"  # decided by who made the change
    NOT_ENTITLED = "not-entitled"
    EARLY_EXPIRY = "early-expiry"
    OVER_MAXIMUM = "over-maximum"  # an exception holds longer than its policy allows
    DECISION = "decision"  # it says otherwise than what its policy leads to
    RULE = "rule"  # what was cleared isn't what the rule clears
    CITED = "cited"  # what is cited isn't in the documents


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, in which line of the export (from 1 on)."""

    position: int
    kind: Kind
    what: str


@dataclass(slots=True)
class Findings:
    """Those that were found so far, the first `MOST` of them in full."""

    kept: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, position: int, kind: Kind, what: str) -> None:
        """One more."""
        self.count += 1
        if len(self.kept) < MOST:
            self.kept.append(Finding(position, kind, what))

    def merge(self, others: "Findings") -> None:
        """Those that were found beside these in the same lines, in the lines' order."""
        self.count += others.count
        every = sorted([*self.kept, *others.kept], key=lambda each: each.position)
        self.kept = every[:MOST]


@dataclass(frozen=True, slots=True)
class Result:
    """What a verification came to.

    `own_keys`: no key of the log but the file's own was used; so `own_witnesses` of witnesses.
    `cosigned_by` are the witnesses of the newest checkpoint that has as many as are wanted, and
    `cosigned` is its size. `erased` says of how many events values were erased when, and `count` is
    that of all findings.
    """

    size: int
    root: bytes
    findings: tuple[Finding, ...]
    count: int
    erased: tuple[tuple[str, int], ...]
    cosigned: int
    cosigned_by: tuple[str, ...]
    own_keys: bool
    own_witnesses: bool

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.count

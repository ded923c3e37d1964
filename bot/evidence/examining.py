"""Examines leaves of an export, each by itself and then in its stream: its form, values, rules.

Rules
- A leaf's hash is given back, for the tree; of a line that is no leaf there is none.
- What of a leaf is not what was committed to is no ground to judge anybody on; its stream goes on.
- Streams don't know of each other, but for what a war room's number leads to: so leaves can be
  examined in several places, if those of one number come to one place, in their order. What they
  say of all others is joined in the end.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.erasure import ERASURE
from bot.evidence.errors import MalformedError
from bot.evidence.export_lines import Document, Entry, read_line
from bot.evidence.findings import Findings, Kind
from bot.evidence.opened import Opening, erasure_of
from bot.evidence.replaying import Replay
from bot.evidence.replaying_loads import Loads
from bot.evidence.tree import leaf_hash


@dataclass(slots=True)
class Examined:
    """What leaves came to: what was found, and what was said to be erased, and what is on record.

    `loads` has which policies and loads of the configuration are cited, and which are on record.
    `erased` counts by its time the events whose values were then erased, `erasures` of how many
    events there is a record that they were; `erased_in` has the first line that says so.
    """

    findings: Findings = field(default_factory=Findings)
    loads: Loads = field(default_factory=Loads)
    erased: Counter[str] = field(default_factory=Counter)
    erasures: Counter[str] = field(default_factory=Counter)
    erased_in: dict[str, int] = field(default_factory=dict)

    def merge(self, other: "Examined") -> None:
        """What other leaves of the same export came to."""
        self.findings.merge(other.findings)
        self.loads.merge(other.loads)
        self.erased += other.erased
        self.erasures += other.erasures
        for at, position in other.erased_in.items():
            self.erased_in[at] = min(position, self.erased_in.get(at, position))


class Examination:
    """Leaves in their order, and what they come to."""

    def __init__(self) -> None:
        self._examined = Examined()
        self._replay = Replay(self._examined.findings, loads=self._examined.loads)

    def document(self, document: Document) -> None:
        """A policy, or the sources, whose digest is right."""
        self._replay.document(document)

    def take(self, position: int, data: bytes) -> Sequence[bytes]:
        """A leaf's line; gives the hashes of all leaves that are known by now, in their order."""
        leaf = self.leaf(position, data)
        return (leaf,) if leaf else ()

    def settle(self) -> Sequence[bytes]:
        """The hashes of all leaves that weren't given yet."""
        return ()

    def finish(self) -> Examined:
        """What they came to, once all were taken."""
        return self._examined

    def close(self) -> None:
        """Let go what it holds."""
        self._replay.close()

    def leaf(self, position: int, data: bytes) -> bytes | None:
        """A leaf's line; gives its hash, or None where it is none."""
        findings = self._examined.findings
        try:
            entry = read_line(data)
        except MalformedError as error:
            findings.add(position, Kind.LINE, str(error))
            return None
        if not isinstance(entry, Entry):
            raise TypeError("only a leaf's line begins as one does")
        try:
            opening = Opening.of(entry)
        except MalformedError as error:
            findings.add(position, Kind.LINE, f"{entry.leaf.words}: {error}")
            return leaf_hash(entry.data)
        before = findings.count
        for fault in opening.faults():
            findings.add(position, Kind.COMMITMENT, f"{entry.leaf.words}: {fault}")
        self._count(position, opening)
        self._replay.event(position, opening, sound=findings.count == before)
        return leaf_hash(entry.data)

    def _count(self, position: int, opening: Opening) -> None:
        entry, examined = opening.entry, self._examined
        if entry.leaf.stream_kind == ERASURE.kind:
            examined.erasures += erasure_of(entry.leaf, opening.payload)
        if entry.erased_at:
            examined.erased[entry.erased_at] += 1
            examined.erased_in.setdefault(entry.erased_at, position)

"""Verifies an export: its bytes, its leaves, its signatures, its values, and the rules.

Rules
- Everything is read once, line by line; what is wrong is found with its line and its kind, and what
  comes after is verified all the same.
- The log's keys are those that the auditor has; where they have none, the file's own, which show
  only that one hand has written it.
- That a value was erased is believed where an erasure at that time is on record, of so many events:
  else whoever writes a file could leave out any value, and with it what rests on it.
- Witnesses are wanted by the keys that the auditor has of them: whoever writes a file can name as
  many of their own making as are wanted. A witness counts once, whatever keys it has. Of one whose
  key nobody has here nothing is said, as C2SP asks.
- The newest checkpoint is too young for witnesses: the newest that as many have cosigned as are
  wanted counts, and it is said up to which leaf that is.
- All checkpoints are held against the one tree that the leaves give, so they are consistent with
  each other; so is a checkpoint that the auditor kept.
- A checkpoint of before, in the file or kept by the auditor, may be by a retired key that the file
  names: the end, which covers that line too, and the checkpoint of all leaves are by a key that the
  auditor has. So nobody needs to give a retired key, by which all could be signed anew.
- The end is signed by a key that the auditor has, and by every key that its lines name, each once
  and each in the file: what no signature covers can't be there, not even a signature.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing

from bot.domain.policy import digest_of
from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.errors import EvidenceError
from bot.evidence.examining import Examination, Examined
from bot.evidence.examining_apart import ExaminationApart
from bot.evidence.export import LeafLine, Numbered, Unreadable
from bot.evidence.export_lines import Checkpoint, Document, End, Head, Key, Line
from bot.evidence.findings import Findings, Kind, Result
from bot.evidence.kept_tree import KeptTree
from bot.evidence.keys import KeyType, VerifierKey
from bot.evidence.notes import Note, read_signatures
from bot.storage.records import read_policy
from bot.storage.tables import SOURCES

Tell = Callable[[int, int], object]
LARGE = 10_000  # leaves from which on other processes are worth their start
EVERY = 500  # leaves between two words of progress


def verify(
    lines: Iterable[Numbered],
    *,
    keys: Sequence[VerifierKey] = (),
    since: Sequence[bytes] = (),
    witnesses: int = 0,
    tell: Tell = lambda _done, _total: None,
    processes: int = 1,
    apart_from: int = LARGE,
) -> Result:
    """What an export comes to.

    `keys` are those that the auditor has, of the log and of witnesses, `since` the checkpoints that
    they kept. `tell` is told how many leaves are done, and of how many. From `apart_from` leaves on
    so many `processes` examine them, if it is more than one; ExaminationEndedError where one ends
    before it has said what it found.
    """
    verification = _Verification(keys, processes, apart_from)
    with closing(verification):
        for each in lines:
            verification.take(each)
            if isinstance(each.line, LeafLine) and verification.leaves % EVERY == 0:
                tell(verification.leaves, verification.head.size if verification.head else 0)
        verification.finish(since, witnesses)
        return verification.result


class _Verification:
    """What was read so far, and what was found in it."""

    def __init__(self, keys: Sequence[VerifierKey], processes: int, apart_from: int) -> None:
        self._processes, self._apart_from = processes, apart_from
        self._log = {key for key in keys if key.type is KeyType.ED25519}
        self._witnesses = {key for key in keys if key.type is KeyType.COSIGNATURE}
        self._own_log, self._own_witnesses = not self._log, not self._witnesses
        self._named: set[VerifierKey] = set()
        self.tree = KeptTree()
        self.leaves = 0
        self.head: Head | None = None
        self._findings = Findings()
        self._examination: Examination | ExaminationApart = Examination()
        self._examined = Examined()
        self._order = -1
        self._last: SignedCheckpoint | None = None
        self._cosigned: list[
            tuple[int, tuple[VerifierKey, ...]]
        ] = []  # of how many leaves, by whom
        self._cosigned_size, self._cosigned_by = 0, tuple[str, ...]()
        self._position = 0
        self._ended = False

    def close(self) -> None:
        """Let go what it holds."""
        self._examination.close()

    def take(self, numbered: Numbered) -> None:
        """One line more."""
        self._position, line = numbered.number, numbered.line
        if isinstance(line, Unreadable):
            self._find(Kind.LINE, line.why)
            return
        self._in_order(line)
        match line:
            case LeafLine():
                self.leaves += 1
                self._grow(self._examination.take(self._position, line.data))
            case Head():
                self._take_head(line)
            case Key():
                self._take_key(line.key)
            case Document():
                self._take_document(line)
            case Checkpoint():
                self._grow(self._examination.settle())
                self._take_checkpoint(line)
            case End():
                self._take_end(line, numbered.before)

    def finish(self, since: Sequence[bytes], witnesses: int) -> None:
        """What can be said once all was read."""
        self._grow(self._examination.settle())
        self._examined = self._examination.finish()
        self._findings.merge(self._examined.findings)
        self._position += 1
        if not self._ended:
            self._find(Kind.ORDER, "the signed end is missing: something was cut off")
        if self.head is None:
            self._find(Kind.ORDER, "the first line, with the log's origin and size, is missing")
            return
        self._find_unrecorded()
        size, root = self.tree.size, self.tree.root(self.tree.size)
        self._position = 1
        if self.head.size != size:
            self._find(Kind.HEAD, f"the head says {self.head.size} leaves, there are {size}")
        elif self.head.root != root:
            self._find(Kind.HEAD, "the leaves give another root than the head says")
        if self._last is None or self._last.checkpoint.size != self.head.size:
            self._find(Kind.ORDER, f"no checkpoint is of all {self.head.size} leaves")
        for kept in since:
            self._hold_to(kept)
        self._count_witnesses(witnesses)

    def _count_witnesses(self, wanted: int) -> None:
        """Find the newest checkpoint that is cosigned by so many, or by anybody."""
        counted = [each for each in self._cosigned if _count(each[1]) >= max(1, wanted)]
        if wanted and (self._own_witnesses or not counted):
            most = max((_count(by) for _, by in self._cosigned), default=0)
            whose = " with no key but the file's" if most and self._own_witnesses else ""
            what = f"{wanted} witnesses are wanted, no checkpoint has more than {most}{whose}"
            self._find(Kind.WITNESSES, what)
        size, by = (counted or self._cosigned or [(0, ())])[-1]
        self._cosigned_size, self._cosigned_by = size, _names(by)

    @property
    def result(self) -> Result:
        """What it came to."""
        return Result(
            size=self.tree.size,
            root=self.tree.root(self.tree.size),
            findings=tuple(self._findings.kept),
            count=self._findings.count,
            erased=tuple(sorted(self._examined.erased.items())),
            cosigned=self._cosigned_size,
            cosigned_by=self._cosigned_by,
            own_keys=self._own_log,
            own_witnesses=self._own_witnesses,
        )

    def _find(self, kind: Kind, what: str) -> None:
        self._findings.add(self._position, kind, what)

    def _in_order(self, line: Line | LeafLine) -> None:
        once = isinstance(line, Head | End)
        if self._ended:
            self._find(Kind.ORDER, "something stands behind the end")
        elif line.order < self._order or (once and line.order == self._order):
            self._find(Kind.ORDER, "a line of this kind doesn't stand here")
        elif self._position == 1 and not isinstance(line, Head):
            self._find(Kind.ORDER, "the first line has the log's origin and size")
        self._order = max(self._order, line.order)

    def _take_head(self, head: Head) -> None:
        if self.head:
            return
        self.head = head
        if self._position == 1 and self._processes > 1 and head.size >= self._apart_from:
            self._examination.close()
            self._examination = ExaminationApart(self._processes)

    def _take_key(self, key: VerifierKey) -> None:
        if key.type is KeyType.COSIGNATURE:
            if self._own_witnesses:
                self._witnesses.add(key)
        elif self.head and key.name != self.head.origin:
            self._find(Kind.SIGNATURE, f"the key {key.name} is not of the log's origin")
        else:
            self._named.add(key)
            if self._own_log:
                self._log.add(key)

    def _take_document(self, document: Document) -> None:
        what = f"{document.kind} {document.name}"
        if digest_of(document.document) != document.digest:
            self._find(Kind.DOCUMENT, f"{what} has another digest than it says")
            return
        if document.kind != SOURCES:
            try:
                read_policy(document.kind, document.document)
            except ValueError:
                self._find(Kind.DOCUMENT, f"{what} can't be read")
        self._examination.document(document)

    def _grow(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.tree.append(leaf)

    def _find_unrecorded(self) -> None:
        examined = self._examined
        cited = Findings()
        for position, what in examined.loads.unrecorded():
            cited.add(position, Kind.CITED, what)
        self._findings.merge(cited)
        for at, count in examined.erased.items():
            if count > examined.erasures[at]:
                self._position = examined.erased_in[at]
                on_record = f"on record is an erasure of {examined.erasures[at]} then"
                what = f"values of {count} events are said to be erased on {at}; {on_record}"
                self._find(Kind.COMMITMENT, what)

    def _take_checkpoint(self, line: Checkpoint) -> None:
        try:
            signed = SignedCheckpoint.open(line.note.encode(), self._log | self._named)
        except EvidenceError as error:
            self._find(Kind.SIGNATURE, f"a checkpoint: {error}")
            return
        checkpoint = signed.checkpoint
        if self.head and checkpoint.size == self.head.size and not signed.signed_by & self._log:
            self._find(Kind.SIGNATURE, "the checkpoint of all leaves is by none of the keys given")
        if len(signed.signed_by) != len(signed.note.signatures) and self._own_log:
            self._find(Kind.SIGNATURE, "a checkpoint is signed by a key that isn't in the export")
        self._require_root(signed, Kind.ROOT, "the checkpoint")
        if self._last and checkpoint.size < self._last.checkpoint.size:
            self._find(Kind.ORDER, f"the checkpoint of {checkpoint.size} leaves comes too late")
        self._last = signed
        if line.cosignatures and (by := self._cosigners(line, signed)):
            self._cosigned.append((checkpoint.size, by))

    def _cosigners(self, line: Checkpoint, signed: SignedCheckpoint) -> tuple[VerifierKey, ...]:
        try:
            signatures = read_signatures("".join(f"{each}\n" for each in line.cosignatures))
            known = {(key.name, key.id) for key in self._witnesses}
            by = tuple(each for each in signatures if (each.name, each.id) in known)
            verified = Note(signed.note.text, by).verified(self._witnesses) if by else []
        except EvidenceError as error:
            self._find(Kind.COSIGNATURE, f"of {signed.checkpoint.size} leaves: {error}")
            return ()
        return tuple(each.key for each in verified)

    def _take_end(self, end: End, text: str) -> None:
        self._ended = True
        try:
            note = Note.read(end.note.encode())
            signed_by = {each.key for each in note.verified(self._log | self._named)}
        except EvidenceError as error:
            self._find(Kind.SIGNATURE, f"the end: {error}")
            return
        if not signed_by & self._log:
            self._find(Kind.SIGNATURE, "the end is by none of the keys given")
        if len(signed_by) != len(note.signatures):
            what = "the end is signed twice by a key, or by one that isn't in the export"
            self._find(Kind.SIGNATURE, what)
        if note.text != text:
            self._find(Kind.BYTES, "the log has signed other lines than these")

    def _hold_to(self, kept: bytes) -> None:
        try:
            signed = SignedCheckpoint.open(kept, self._log | self._named)
        except EvidenceError as error:
            self._find(Kind.SIGNATURE, f"the checkpoint that you kept: {error}")
            return
        self._require_root(signed, Kind.CONSISTENCY, "the checkpoint that you kept")

    def _require_root(self, signed: SignedCheckpoint, kind: Kind, what: str) -> None:
        size = signed.checkpoint.size
        if self.head and signed.checkpoint.origin != self.head.origin:
            self._find(kind, f"{what} is of the log {signed.checkpoint.origin}")
        elif size > self.tree.size:
            self._find(kind, f"{what} is of {size} leaves, there are {self.tree.size}")
        elif self.tree.root(size) != signed.checkpoint.root:
            self._find(kind, f"{what} of {size} leaves has another root than the leaves give")


def _names(keys: Iterable[VerifierKey]) -> tuple[str, ...]:
    return tuple(sorted({key.name for key in keys}))


def _count(keys: Sequence[VerifierKey]) -> int:
    """Of how many witnesses these are: neither a second name nor a second key makes another one."""
    return min(len({key.name for key in keys}), len({key.public for key in keys}))

"""Exports a database's log, and proves one of its leaves; forms in `docs/export.md`.

Rules
- What is in the log by now is exported, under a checkpoint that is signed for it: nothing is
  written, so the bot may run meanwhile.
- Checkpoints of before that none of today's keys has signed are left out: nobody could check them.
- A proof has its leaf within it, with the opened values, so that one file is mailed.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Connection, select

from bot.domain.clearance import CLEARANCE, AutoCleared
from bot.domain.events import Decided
from bot.domain.lifecycle import WAR_ROOM
from bot.evidence import export
from bot.evidence.checkpoints import Checkpoint, SignedCheckpoint
from bot.evidence.errors import EvidenceError
from bot.evidence.export_lines import Checkpoint as CheckpointLine
from bot.evidence.export_lines import Document, Entry, Head, Key, Line, Personal, write_line
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.proof_files import ProofFile
from bot.evidence.sequencer import leaf_of
from bot.evidence.stored_tree import StoredTree
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.log_tables import checkpoints, log_leaves
from bot.storage.personal import canonical

Tell = Callable[[int, int], object]
_STREAMED = {"yield_per": 500}
_DECISIONS = {
    (WAR_ROOM.kind, str(Decided.model_fields["kind"].default)),
    (CLEARANCE.kind, str(AutoCleared.model_fields["kind"].default)),
}


class NoDecisionError(Exception):
    """There is no one decision of what was named; the message says why."""


def write_export(
    database: Database,
    out: IO[bytes],
    keys: Sequence[SigningKey],
    now: datetime,
    *,
    witnesses: Iterable[VerifierKey] = (),
    tell: Tell = lambda _done, _total: None,
) -> Head:
    """Write an export of all that is in the log at `now`, signed by `keys`, one at least."""
    with database.read.connect() as connection:
        tree = StoredTree(connection).frontier
        head = Head(keys[0].name, tree.size, tree.root, now)
        lines = _lines(connection, head, keys, witnesses, tell)
        export.write(out, head, lines, keys)
    return head


def proof_of(database: Database, named: str, keys: Sequence[SigningKey]) -> ProofFile:
    """A proof of the decision in a room, or on a violation, under a checkpoint signed for it.

    NoDecisionError where it has none, or several.
    """
    with database.read.connect() as connection:
        rows = connection.execute(_with_leaves().where(_of(connection, named))).all()
        found = [row for row in rows if (row.stream_kind, row.kind) in _DECISIONS]
        if len(found) != 1:
            ids = ", ".join(row.stream_id for row in found) or "none"
            raise NoDecisionError(f"found {ids}, need one decision that is in the log")
        tree = StoredTree(connection)
        size, index = tree.frontier.size, found[0].number
        note = Checkpoint(keys[0].name, size, tree.frontier.root).signed(keys)
        extra = write_line(_entry(found[0])).rstrip(b"\n")
        return ProofFile(index, tuple(tree.inclusion(index, size)), bytes(note), extra)


def _of(connection: Connection, named: str) -> Any:  # noqa: ANN401 - a condition
    """The streams that may hold the decision on what was named: a room, or a violation."""
    a, e = t.answers.c, t.events.c
    answers = connection.execute(select(a.room_id, a.policy_id).where(a.violation_id == named))
    ids = {named}
    for room_id, policy_id in answers:
        ids.add(room_id or f"{named}.{policy_id}")
    return e.stream_id.in_(ids)


def _lines(
    connection: Connection,
    head: Head,
    keys: Sequence[SigningKey],
    witnesses: Iterable[VerifierKey],
    tell: Tell,
) -> Iterator[Line]:
    yield from (Key(each) for each in (*(key.verifier for key in keys), *witnesses))
    for row in connection.execute(select(t.documents).order_by(t.documents.c.digest)):
        yield Document(row.digest, row.kind, row.name, row.document)
    question = _with_leaves().where(log_leaves.c.index < head.size).order_by(log_leaves.c.index)
    with connection.execute(question, execution_options=_STREAMED) as rows:
        for row in rows:
            yield _entry(row)
            tell(row.number + 1, head.size)
    yield from _checkpoints(connection, head, keys)


def _checkpoints(
    connection: Connection, head: Head, keys: Sequence[SigningKey]
) -> Iterator[CheckpointLine]:
    own = [key.verifier for key in keys]
    before = checkpoints.c.size <= head.size
    last = 0
    for row in connection.execute(select(checkpoints).where(before).order_by(checkpoints.c.size)):
        try:
            last = SignedCheckpoint.open(row.note.encode(), own).checkpoint.size
        except EvidenceError:
            continue
        yield CheckpointLine(row.note, tuple(row.cosignatures.splitlines()))
    if last != head.size:
        note = Checkpoint(head.origin, head.size, head.root).signed(keys)
        yield CheckpointLine(bytes(note).decode())


def _with_leaves() -> Any:  # noqa: ANN401 - a question
    salt, number = log_leaves.c.salt.label("leaf_salt"), log_leaves.c.index.label("number")
    joined = t.events.c.position == log_leaves.c.position
    return select(t.events, salt, number).join(log_leaves, joined)


def _entry(row: Any) -> Entry:  # noqa: ANN401 - an event's row, with its leaf's
    apart = json.loads(row.personal) if row.personal else {}
    opened: Personal = {
        path: each if isinstance(each, str) else (each[0], canonical(each[1]).decode())
        for path, each in apart.items()
    }
    return Entry.of(leaf_of(row, bytes.fromhex(row.leaf_salt)), opened)

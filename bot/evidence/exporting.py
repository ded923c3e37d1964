"""Exports a database's log, and proves one of its leaves; forms in `docs/export.md`.

Rules
- What goes out ends at the newest checkpoint, which is made first where the log has grown by more
  than checkpoints: nothing leaves under a signature that the record doesn't know. The bot may run
  meanwhile.
- It is read at one moment, by which every erasure is in what the checkpoint covers.
- Where today's keys haven't signed that one, since they are new, they sign it beside its own.
- A retired key's checkpoints are there as long as the record says by which keys they were signed;
  others are left out: nobody could check them.
- A proof has its leaf within it, with the opened values, so that one file is mailed.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Connection, bindparam, func, select

from bot.domain import checkpoint as domain
from bot.domain.clearance import CLEARANCE, AutoCleared
from bot.domain.erasure import ERASURE
from bot.domain.events import Decided
from bot.domain.lifecycle import WAR_ROOM
from bot.errors import UsageError
from bot.evidence import export
from bot.evidence.checkpointing import make_now, require_same_log
from bot.evidence.checkpoints import Checkpoint, SignedCheckpoint
from bot.evidence.errors import EvidenceError
from bot.evidence.export_lines import ERASED, Document, Entry, Head, Key, Line, Personal, write_line
from bot.evidence.export_lines import Checkpoint as CheckpointLine
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.notes import Note, read_signatures
from bot.evidence.proof_files import ProofFile
from bot.evidence.sequencer import leaf_of, take_in_all
from bot.evidence.stored_tree import StoredTree
from bot.storage import log_checkpoints as kept_rows
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.log_tables import checkpoints, log_leaves
from bot.storage.personal import canonical

Tell = Callable[[int, int], object]
_STREAMED = {"yield_per": 500}
_TRIES = 50  # whoever else puts leaves in is done after a few
_ERASED_BEYOND = (
    select(t.events.c.position)
    .outerjoin(log_leaves, log_leaves.c.position == t.events.c.position)
    .where(
        t.events.c.stream_kind == ERASURE.kind,
        func.coalesce(log_leaves.c.index, bindparam("size")) >= bindparam("size"),
    )
    .limit(1)
)
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
    witnesses: Sequence[VerifierKey] = (),
    tell: Tell = lambda _done, _total: None,
) -> Head:
    """Write an export of all that is in the log at `now`, signed by `keys`, one at least."""
    with _reading(database, keys, now) as connection:
        newest = _newest(connection, keys)
        head = Head(newest.origin, newest.size, newest.root, now)
        lines = _lines(connection, head, keys, witnesses, tell)
        export.write(out, head, lines, keys)
    return head


def proof_of(
    database: Database, named: str, keys: Sequence[SigningKey], now: datetime
) -> ProofFile:
    """A proof of the decision in a room, or on a violation, under the newest checkpoint.

    NoDecisionError where it has none, or several.
    """
    with _reading(database, keys, now) as connection:
        asked = _with_leaves().where(_of(connection, named))
        found = [
            row for row in connection.execute(asked) if (row.stream_kind, row.kind) in _DECISIONS
        ]
        if not found:
            raise NoDecisionError(_why_none(connection, named))
        if len(found) > 1:
            ids = ", ".join(row.stream_id for row in found)
            raise NoDecisionError(f"found {ids}, need one of them")
        newest, index = _newest(connection, keys), found[0].number
        kept = kept_rows.newest_checkpoint(connection)
        note = _signed_today(newest, kept, keys, _known(connection, keys))
        note += kept.cosignatures if kept else ""
        extra = write_line(_entry(found[0])).rstrip(b"\n")
        proof = StoredTree(connection).inclusion(index, newest.size)
        return ProofFile(index, tuple(proof), note.encode(), extra)


def _why_none(connection: Connection, named: str) -> str:
    asked = select(t.events.c.seq).where(_of(connection, named)).limit(1)
    is_there = connection.execute(asked).first()
    return "it isn't decided yet" if is_there else "found no war room and no violation of that id"


@contextmanager
def _reading(database: Database, keys: Sequence[SigningKey], now: datetime) -> Iterator[Connection]:
    """The record as it is at one moment, with each erasure till then under the newest checkpoint.

    Else the export would say of values that they were erased, and have no erasure on record.
    """
    for _ in range(_TRIES):
        take_in_all(database)
        make_now(database, keys, now)
        with database.read.connect() as connection:
            if not database.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            require_same_log(connection, keys)
            kept = kept_rows.newest_checkpoint(connection)
            asked = _ERASED_BEYOND, {"size": kept.size if kept else 0}
            if connection.execute(*asked).first() is None:
                yield connection
                return
    raise UsageError("an erasure isn't in the log yet, which somebody else holds: try again")


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
    witnesses: Sequence[VerifierKey],
    tell: Tell,
) -> Iterator[Line]:
    known = _known(connection, keys)
    yield from map(Key, (*known, *witnesses))
    for row in connection.execute(select(t.documents).order_by(t.documents.c.digest)):
        yield Document(row.digest, row.kind, row.name, row.document)
    question = _with_leaves().where(log_leaves.c.index < head.size).order_by(log_leaves.c.index)
    with connection.execute(question, execution_options=_STREAMED) as leaves:
        for row in leaves:
            yield _entry(row)
            tell(row.number + 1, head.size)
    yield from _checkpoints(connection, head, keys, known)


def _checkpoints(
    connection: Connection,
    head: Head,
    keys: Sequence[SigningKey],
    known: Sequence[VerifierKey],
) -> Iterator[CheckpointLine]:
    kept = None
    before = select(checkpoints).where(checkpoints.c.size <= head.size)
    for row in connection.execute(before.order_by(checkpoints.c.size)):
        kept = kept_rows.Checkpoint(row.size, row.made_at, row.note, row.cosignatures)
        if kept.size < head.size and _is_by(known, kept.note):
            yield CheckpointLine(kept.note, _cosigned(kept))
    newest = Checkpoint(head.origin, head.size, head.root)
    cosigned = _cosigned(kept) if kept else ()
    yield CheckpointLine(_signed_today(newest, kept, keys, known), cosigned)


def _cosigned(kept: kept_rows.Checkpoint) -> tuple[str, ...]:
    """All cosignatures: by a witness that is asked no more, too, whose key an auditor may have."""
    return tuple(map(str, read_signatures(kept.cosignatures))) if kept.cosignatures else ()


def _newest(connection: Connection, keys: Sequence[SigningKey]) -> Checkpoint:
    """The log at its newest checkpoint; before the first one there is nothing in it."""
    kept, tree = kept_rows.newest_checkpoint(connection), StoredTree(connection)
    size = kept.size if kept else tree.frontier.size
    return Checkpoint(keys[0].name, size, tree.root(size))


def _known(connection: Connection, keys: Sequence[SigningKey]) -> tuple[VerifierKey, ...]:
    """The log's keys: today's, and those by which the record says that checkpoints were signed."""
    known = dict.fromkeys(key.verifier for key in keys)
    c = t.events.c
    question = select(c.payload).where(c.stream_kind == domain.KIND).order_by(c.position)
    for payload in connection.execute(question).scalars():
        written = json.loads(payload)["event"].get("keys", ())
        known |= dict.fromkeys(map(VerifierKey.read, written))
    return tuple(key for key in known if key.name == keys[0].name)


def _is_by(known: Sequence[VerifierKey], note: str) -> bool:
    """Whether all who have signed it are known."""
    try:
        signed = SignedCheckpoint.open(note.encode(), known)
    except EvidenceError:
        return False
    return len(signed.signed_by) == len(signed.note.signatures)


def _signed_today(
    newest: Checkpoint,
    kept: kept_rows.Checkpoint | None,
    keys: Sequence[SigningKey],
    known: Sequence[VerifierKey],
) -> str:
    """The newest checkpoint as it is kept, and with a line by each of today's keys."""
    note = newest.signed(keys)
    if kept and _is_by(known, kept.note):
        note = Note.read(kept.note.encode()).adding(note.signatures)
    return bytes(note).decode()


def _with_leaves() -> Any:  # noqa: ANN401 - a question
    salt, number = log_leaves.c.salt.label("leaf_salt"), log_leaves.c.index.label("number")
    joined = t.events.c.position == log_leaves.c.position
    return select(t.events, salt, number).join(log_leaves, joined)


def _entry(row: Any) -> Entry:  # noqa: ANN401 - an event's row, with its leaf's
    apart = json.loads(row.personal) if row.personal else {}
    opened: Personal = {
        path: each[1] if path == ERASED else (each[0], canonical(each[1]).decode())
        for path, each in apart.items()
    }
    return Entry.of(leaf_of(row, bytes.fromhex(row.leaf_salt)), opened)

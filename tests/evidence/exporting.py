"""Exports for tests, written from the rows of a database or from rows that a test has forged."""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bot.evidence import export
from bot.evidence.checkpoints import Checkpoint as TreeHead
from bot.evidence.export_lines import ERASED, Checkpoint, Document, Entry, Head, Key, Line, Personal
from bot.evidence.findings import Result
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.leaf import Leaf
from bot.evidence.tree import Frontier, leaf_hash
from bot.evidence.verifying import verify
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.personal import canonical, commitment
from tests.copied import ROOT

VERIFY = ROOT / "docs" / "verify.py"
ORIGIN = "acme.test/war-rooms"
KEY = SigningKey(ORIGIN, bytes(range(32)))
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Written:
    """What an export is written from."""

    documents: tuple[Document, ...]
    entries: tuple[Entry, ...]

    def but(self, number: int, entry: Entry) -> "Written":
        """The same with another event in this place."""
        entries = (*self.entries[:number], entry, *self.entries[number + 1 :])
        return replace(self, entries=entries)

    def adding(self, entry: Entry) -> "Written":
        """The same with one event more."""
        return replace(self, entries=(*self.entries, entry))

    def number(self, kind: str) -> int:
        """Where the first event of a kind stands."""
        return next(n for n, each in enumerate(self.entries) if each.leaf.kind == kind)

    def data(
        self,
        sizes: Sequence[int] = (),
        cosignatures: Sequence[str] = (),
        witnesses: Sequence[VerifierKey] = (),
        keys: Sequence[SigningKey] = (KEY,),
        retired: Sequence[SigningKey] = (),
        cosigned: int | None = None,
    ) -> bytes:
        """The export, with checkpoints of these sizes and one of all, signed by the log's keys.

        That of `cosigned` leaves, or the last, is cosigned so, and has the keys of these witnesses.
        """
        frontiers = [Frontier()]
        for entry in self.entries:
            frontiers.append(frontiers[-1].append(leaf_hash(entry.data))[0])
        size = len(self.entries)

        def lines() -> Iterator[Line]:
            yield from map(Key, (*(key.verifier for key in (*keys, *retired)), *witnesses))
            yield from self.documents
            yield from self.entries
            for each in (*sizes, size):
                beside = cosignatures if each == (cosigned or size) else ()
                yield Checkpoint(note(each, frontiers[each].root, keys), tuple(beside))

        out = io.BytesIO()
        export.write(out, Head(ORIGIN, size, frontiers[-1].root, AT), lines(), keys)
        return out.getvalue()


def note(size: int, root: bytes, keys: Sequence[SigningKey] = (KEY,)) -> str:
    """A signed checkpoint."""
    return bytes(TreeHead(ORIGIN, size, root).signed(keys)).decode()


def written(database: Database) -> Written:
    """All that a database has."""
    with database.read.connect() as connection:
        documents = connection.execute(select(t.documents)).all()
        events = connection.execute(select(t.events).order_by(t.events.c.position)).all()
    return Written(
        tuple(Document(each.digest, each.kind, each.name, each.document) for each in documents),
        tuple(map(entry_of, events)),
    )


def entry_of(row: Any) -> Entry:  # noqa: ANN401 - a row
    """An event's row as it is exported."""
    salt = hashlib.sha256(f"{row.stream_id} {row.seq}".encode()).hexdigest()[:32]
    leaf = Leaf(
        *(row.stream_kind, row.stream_id, row.seq, row.at, row.kind, row.schema, row.actor),
        *(row.payload, salt),
    )
    apart = json.loads(row.personal) if row.personal else {}
    opened: Personal = {
        path: value if path == ERASED else (each, canonical(value).decode())
        for path, (each, value) in apart.items()
    }
    return Entry.of(leaf, opened)


def rewritten(
    entry: Entry,
    personal: Personal | None = None,
    **changes: Any,  # noqa: ANN401 - fields of a leaf
) -> Entry:
    """The event with these fields of its leaf changed, in a leaf of its own."""
    beside = entry.personal if personal is None else personal
    return Entry.of(replace(entry.leaf, **changes), beside)


def erasure(events: int, at: str) -> Entry:
    """The record of an erasure at this time, of so many events."""
    order, salt = "DSR-17", "6" * 32
    event = {
        "kind": "erased",
        "erasure_id": "erasure001",
        "erased_for": "person",
        "order": commitment(salt, order),
        "values": events,
        "events": events,
        "rooms": 1,
        "streams": 1,
        "violations": 0,
    }
    payload = json.dumps({"state": "erased", "event": event})
    leaf = Leaf(
        *("erasure", "erasure001", 1, datetime.fromisoformat(at), "erased", 1, "system:order"),
        *(payload, salt),
    )
    return Entry.of(leaf, {"event.order": (salt, canonical(order).decode())})


def verified(data: bytes, **options: Any) -> Result:  # noqa: ANN401 - as `verify` takes them
    """What the bot's verifier says of an export."""
    return verify(export.read(io.BytesIO(data)), **options)


def kinds(data: bytes, **options: Any) -> set[str]:  # noqa: ANN401 - as `verify` takes them
    """The kinds of all that it finds."""
    return {str(each.kind) for each in verified(data, **options).findings}


def lines_of(data: bytes) -> list[bytes]:
    """Its lines, each with its newline."""
    return data.splitlines(keepends=True)


def joined(lines: Iterable[bytes]) -> bytes:
    """Lines as a file has them."""
    return b"".join(lines)


def run_verifier(*arguments: object) -> tuple[int, str]:
    """What docs/verify.py ends with and says."""
    run = subprocess.run(
        [sys.executable, str(VERIFY), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return run.returncode, run.stdout + run.stderr

"""Checkpoints as the worker makes them: signed, kept, recorded, and appended to a file.

Rules
- One is made where the log has grown by more than checkpoints since the last one, and at most
  every ten minutes; each process asks, and whoever holds the head's row makes it.
- Whatever is to leave the house is under one that is kept: an export and a proof make theirs first,
  however long ago the last one was.
- It covers what is in the log when it is made; that it was made is an event, which the next covers.
- The file is where the bot appends and never reads again but for its end: put it where the bot's
  user may only append. Each worker writes to its own whatever is the newest, synced to the disk;
  what was made while it stood still is in the database alone.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection

from bot.domain import checkpoint as domain
from bot.domain.person import BY_SYSTEM
from bot.engine.engine import Engine
from bot.engine.writer import Waits
from bot.evidence.checkpoints import Checkpoint
from bot.evidence.errors import OtherLogError
from bot.evidence.keys import SigningKey
from bot.evidence.looking import keep_looking
from bot.evidence.notes import Note
from bot.evidence.tree import Frontier
from bot.storage import log as rows
from bot.storage import log_checkpoints as kept_rows
from bot.storage.database import Database
from bot.storage.rows import Outgoing
from bot.storage.transaction import Transaction

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 5.0
EVERY = timedelta(minutes=10)
_END_BYTES = 65_536


@dataclass
class Checkpoints:
    """What makes them: the keys that sign, and the file that they are appended to, if any."""

    engine: Engine
    keys: Sequence[SigningKey]
    file: Path | None = None
    _written: str = ""

    async def run(self) -> None:
        """Make them until it is cancelled."""
        await keep_looking("checkpoints", self.look, LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Make one where it is time, and write the newest to the file where it isn't there."""
        ask = self.engine.store.ask
        now = self.engine.now()
        if await asyncio.to_thread(
            ask, lambda asked: kept_rows.is_checkpoint_due(asked, now - EVERY)
        ):
            made = await self.engine.write(
                lambda order: make(order, self.keys, EVERY), Waits.NOBODY
            )
            if made:
                log.info("checkpoint.made", size=made.size)
        if self.file and (newest := await asyncio.to_thread(ask, kept_rows.newest_checkpoint)):
            await asyncio.to_thread(self._write, self.file, newest.note)

    def _write(self, file: Path, note: str) -> None:
        if note == self._written:
            return
        try:
            append(file, note)
        except OSError as error:
            log.error("checkpoint.file_failed", file=str(file), error=repr(error))  # noqa: TRY400 - no trace
        else:
            self._written = note


def make_now(database: Database, keys: Sequence[SigningKey], now: datetime) -> None:
    """Make one where the log has grown by more than checkpoints. Raises what SQLAlchemy raises."""
    with database.read.connect() as connection:
        if not kept_rows.is_checkpoint_due(connection, now):
            return
    with database.write.begin() as connection:
        transaction = Transaction(connection, now, locking=True)
        if make(transaction, keys, timedelta(), waits=True):
            transaction.flush()


def make(
    transaction: Transaction, keys: Sequence[SigningKey], every: timedelta, *, waits: bool = False
) -> kept_rows.Checkpoint | None:
    """Sign the log as it is, where that is due; None where it isn't, or another process is at it.

    It is due where more than checkpoints came since the last, which is `every` ago at least. With
    `waits` another process is waited for. OtherLogError where the log was called otherwise before.
    """
    connection, now = transaction.connection, transaction.now
    head = rows.hold(connection, waits=waits)
    if head is None or not kept_rows.is_checkpoint_due(connection, now - every):
        return None
    require_same_log(connection, keys)
    root = Frontier.read(head.size, head.frontier).root
    note = bytes(Checkpoint(keys[0].name, head.size, root).signed(keys)).decode()
    made = kept_rows.Checkpoint(head.size, now, note)
    kept_rows.keep_checkpoint(connection, made)
    by = tuple(str(key.verifier) for key in keys)
    order = domain.Sign(size=head.size, note=note, keys=by)
    step = domain.sign(order, BY_SYSTEM, now)
    transaction.add_step(domain.CHECKPOINT, step, [step.after], (), Outgoing())
    return made


def require_same_log(connection: Connection, keys: Sequence[SigningKey]) -> None:
    """OtherLogError where the newest checkpoint is of another origin: a log has one for good."""
    if newest := kept_rows.newest_checkpoint(connection):
        before = Checkpoint.read(Note.read(newest.note.encode()).text).origin
        if before != keys[0].name:
            today = keys[0].name
            raise OtherLogError(f"the log is {before}, and can't be called {today} from now on")


def append(file: Path, note: str) -> None:
    """Add a note, and an empty line behind it, unless it stands at the file's end. OSError.

    It is on the disk when this returns.
    """
    written = note.encode() + b"\n"
    with file.open("a+b") as out:
        end = out.seek(0, os.SEEK_END)
        out.seek(max(0, end - _END_BYTES))
        if out.read().endswith(written):
            return
        out.write(written)
        out.flush()
        os.fsync(out.fileno())

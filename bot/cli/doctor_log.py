"""What `warroom doctor` says of the log: whether it grows, and what is missing for checkpoints."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.errors import UsageError
from bot.evidence.checkpointing import EVERY
from bot.evidence.checkpoints import Checkpoint
from bot.evidence.damage import UNREADABLE
from bot.evidence.errors import EvidenceError
from bot.evidence.keys import SigningKey
from bot.evidence.log_keys import KEY, ORIGIN, log_keys, read_by_others
from bot.evidence.notes import Note
from bot.evidence.stored_tree import StoredTree
from bot.evidence.witnesses import WITNESSES, log_witnesses
from bot.integrations.finding import Finding, error, ok, warning
from bot.settings import Settings
from bot.storage import log as rows
from bot.storage import log_checkpoints as kept_rows

SUBJECT = "log"
BEHIND = timedelta(minutes=1)
_RUNS = "See that `warroom serve` or `warroom worker` runs, and what its log says."
_KEEP = "Keep the database as it is, and compare it with a backup and with older checkpoints."
_LOOK_AGAIN = (
    "`UPDATE log_head SET settled = 0` in the database has the worker look at all events again."
)


def log_findings(settings: Settings, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Events that are late or missed for good; a key, or checkpoints, that are missing or wrong."""
    try:
        yield from _findings(settings, connection, now)
    except UNREADABLE as wrong:
        yield error(SUBJECT, f"its tables are damaged: {wrong}", _KEEP)


def _findings(settings: Settings, connection: Connection, now: datetime) -> Iterator[Finding]:
    size = StoredTree(connection).frontier.size
    since = rows.behind_since(connection)
    if since and now - since > BEHIND:
        yield warning(SUBJECT, f"events since {since:%Y-%m-%d %H:%M} UTC aren't in it", _RUNS)
    if missed := rows.missed(connection):
        yield error(SUBJECT, f"{missed} isn't in it, and never will be", _LOOK_AGAIN)
    if not settings.warroom_log_key.get_secret_value():
        mend = f"`warroom audit keygen` prints {ORIGIN} and {KEY}: put them into .env."
        yield warning(SUBJECT, "no key is set, so no checkpoint is signed", mend)
        return
    try:
        keys = log_keys(settings)
    except UsageError as wrong:
        yield error(SUBJECT, str(wrong), "`warroom audit keygen` prints a new one.")
        return
    if env := read_by_others(settings):
        yield error(SUBJECT, f"others can read {env}, and {KEY} in it", f"chmod 600 {env}")
    if kept_rows.is_checkpoint_due(connection, now - EVERY - BEHIND):
        yield warning(SUBJECT, "it has grown, and no checkpoint was signed since", _RUNS)
    yield from _outside(settings)
    newest = kept_rows.newest_checkpoint(connection)
    yield from _signed_before(newest, keys)
    yield from _witnesses(settings, newest)
    signed = f"newest checkpoint {newest.size}" if newest else "no checkpoint yet"
    count = "" if len(keys) == 1 else f", by {len(keys)} keys"
    yield ok(SUBJECT, f"{keys[0].name}: {size} leaves, {signed}{count}")


def _outside(settings: Settings) -> Iterator[Finding]:
    """Where checkpoints go that the bot can't reach back to."""
    file = settings.warroom_log_file
    if file is None:
        mend = "Set WARROOM_LOG_FILE, best to where the bot can only append."
        yield warning(SUBJECT, "checkpoints are kept in the database alone", mend)
    elif not os.access(file if file.exists() else file.resolve().parent, os.W_OK):
        mend = "Let the bot's user append to it."
        yield error(SUBJECT, f"WARROOM_LOG_FILE: {file} can't be written", mend)
    if not settings.warroom_log_channel:
        mend = "Set WARROOM_LOG_CHANNEL to a Slack channel in which the bot is."
        yield warning(SUBJECT, "no Slack channel gets the day's checkpoint, or an alarm", mend)


def _signed_before(
    newest: kept_rows.Checkpoint | None, keys: Sequence[SigningKey]
) -> Iterator[Finding]:
    """What of the newest checkpoint another log has signed, or another key."""
    if newest is None:
        return
    note = Note.read(newest.note.encode())
    before = Checkpoint.read(note.text).origin
    if before != keys[0].name:
        said = f"it was {before} until now, and can't be called {keys[0].name} from now on"
        yield error(SUBJECT, said, f"Set {ORIGIN} to {before}, and {KEY} to its key.")
        return
    try:
        note.verified([key.verifier for key in keys])
    except EvidenceError:
        mend = "Set the key before beside it, until auditors have the new one's verifier key."
        yield warning(SUBJECT, "the newest checkpoint is by a key that is set no more", mend)


def _witnesses(settings: Settings, newest: kept_rows.Checkpoint | None) -> Iterator[Finding]:
    try:
        witnesses = log_witnesses(settings)
    except UsageError as wrong:
        yield error(SUBJECT, str(wrong), "docs/log.md says how witnesses are named.")
        return
    if not witnesses:
        mend = f"Set {WITNESSES}: whoever holds database and key can't deceive them."
        yield warning(SUBJECT, "no witness cosigns checkpoints", mend)
    for witness in witnesses:
        if newest and not witness.has_cosigned(newest.cosignatures):
            mend = "See what the worker's log says: witness.failed, or witness.refused."
            said = f"{witness.name} has not cosigned the newest checkpoint, of {newest.size}"
            yield warning(SUBJECT, said, mend)

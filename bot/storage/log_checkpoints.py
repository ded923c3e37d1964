"""The rows of checkpoints: the newest, whether one is due, who has cosigned, what was posted.

Rules
- Whoever makes one, or posts one, holds the row of the log's head (`bot.storage.log.hold`).
- A note never changes; cosignatures come on top of it.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.storage.log_tables import checkpoints, log_leaves
from bot.storage.tables import events

_COSIGNED = select(checkpoints).where(checkpoints.c.size == bindparam("of_size")).with_for_update()
_NEWEST = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
_GROWN = (
    select(log_leaves.c.position)
    .join(events, events.c.position == log_leaves.c.position)
    .where(log_leaves.c.index >= bindparam("since"), events.c.stream_kind != "checkpoint")
    .limit(1)
)
_POSTED = (
    select(events.c.stream_id, events.c.at)
    .where(events.c.stream_kind == "checkpoint", events.c.kind == "checkpoint_posted")
    .order_by(events.c.position.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed note of the tree at a size, and the lines of those who have cosigned it."""

    size: int
    made_at: datetime
    note: str
    cosignatures: str = ""

    @property
    def whole(self) -> str:
        """The note with all its signatures, the log's own first."""
        return self.note + self.cosignatures


@dataclass(frozen=True, slots=True)
class Posted:
    """Which checkpoint, by its size, was posted in a Slack channel, and when."""

    size: int
    at: datetime


def newest_checkpoint(connection: Connection) -> Checkpoint | None:
    """The newest signed checkpoint; None where there is none."""
    row = connection.execute(_NEWEST).first()
    return Checkpoint(row.size, row.made_at, row.note, row.cosignatures) if row else None


def last_posted(connection: Connection) -> Posted | None:
    """The checkpoint that was posted last; None where none was. It looks through all of them."""
    row = connection.execute(_POSTED).first()
    return Posted(int(row.stream_id), row.at) if row else None


def is_checkpoint_due(connection: Connection, until: datetime) -> bool:
    """Whether the log grew by more than checkpoints since the last, which was made by `until`."""
    newest = newest_checkpoint(connection)
    if newest and newest.made_at > until:
        return False
    return connection.execute(_GROWN, {"since": newest.size if newest else 0}).first() is not None


def keep_checkpoint(connection: Connection, made: Checkpoint) -> None:
    """Keep a checkpoint at a size at which there is none."""
    connection.execute(insert(checkpoints).values(asdict(made)))


def keep_cosignatures(connection: Connection, size: int, lines: Sequence[str]) -> None:
    """Keep signature lines by a witness with a checkpoint, in place of older ones by its keys."""
    row = connection.execute(_COSIGNED, {"of_size": size}).first()
    if row is None:
        return
    signers = {_signer(line) for line in lines}
    others = [line for line in row.cosignatures.splitlines() if _signer(line) not in signers]
    whole = "".join(f"{line}\n" for line in (*others, *lines))
    change = update(checkpoints).where(checkpoints.c.size == size)
    connection.execute(change.values(cosignatures=whole))


def _signer(line: str) -> tuple[str, bytes]:
    """The name and the id of the key of a signature line."""
    _, name, encoded = line.split(" ")
    return name, base64.b64decode(encoded)[:4]

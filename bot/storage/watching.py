"""Questions of whoever watches the rooms from beside: what was reported, what the clock does next.

Rules
- As in `store`: each is named for its question, and answered from one consistent read.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.domain.war_room import WarRoom
from bot.storage import tables as t
from bot.storage.documents import read
from bot.storage.store import Store


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that the clock is going to do in one room."""

    room_id: str
    policy_id: str
    kind: str
    due_at: datetime


def next_due(store: Store, now: datetime) -> Due | None:
    """The next step of an open room; the archiving of a decided one is none."""
    question = (
        select(t.timers.c.room_id, t.rooms.c.policy_id, t.timers.c.kind, t.timers.c.due_at)
        .join(t.rooms, t.rooms.c.id == t.timers.c.room_id)
        .where(t.timers.c.due_at > now, t.rooms.c.state == t.OPEN)
        .order_by(t.timers.c.due_at)
        .limit(1)
    )
    row = store.ask(lambda connection: connection.execute(question).first())
    return Due(**row._asdict()) if row else None


def reported_violations(
    store: Store, sources: Collection[str], limit: int
) -> list[tuple[str, WarRoom]]:
    """The violations that came from these sources, each with its room, the newest first."""
    v = t.violations.c
    question = (
        select(v.id, t.rooms.c.document)
        .join(t.rooms, v.room_id == t.rooms.c.id)
        .where(v.source.in_(sources))
        .order_by(v.received_at.desc())
        .limit(limit)
    )
    rows = store.ask(lambda connection: connection.execute(question).all())
    return [(row.id, read(row.document)) for row in rows]

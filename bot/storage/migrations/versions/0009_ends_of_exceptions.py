"""A timer for the end of each exception that holds: a decided room had none but to be closed.

Rules
- It is told a day before, or at half of a validity that is shorter than two days.
- What has ended by now is not told any more.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIMER = "exception_ends_soon"
AHEAD_MOST = timedelta(days=1) // timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_rooms = sa.table(
    "rooms",
    sa.column("id", sa.Text()),
    sa.column("decided_at", sa.BigInteger()),
    sa.column("valid_until", sa.BigInteger()),
)
_timers = sa.table(
    "timers",
    sa.column("stream_kind", sa.Text()),
    sa.column("stream_id", sa.Text()),
    sa.column("name", sa.Text()),
    sa.column("due_at", sa.BigInteger()),
)


def upgrade() -> None:
    """Forward."""
    connection, c = op.get_bind(), _rooms.c
    now = (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1)
    holding = sa.select(c.id, c.decided_at, c.valid_until).where(c.valid_until > now)
    rows = [
        {
            "stream_kind": "war_room",
            "stream_id": room.id,
            "name": TIMER,
            "due_at": room.valid_until - min(AHEAD_MOST, (room.valid_until - room.decided_at) // 2),
        }
        for room in connection.execute(holding).all()
    ]
    if rows:
        connection.execute(sa.insert(_timers), rows)


def downgrade() -> None:
    """Back."""
    op.get_bind().execute(sa.delete(_timers).where(_timers.c.name.like("exception_%")))

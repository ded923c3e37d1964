"""Storms: rooms that gather what comes in past a policy's limit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("rooms", sa.Column("gathered_at", sa.BigInteger(), nullable=True))
    op.add_column("violations", sa.Column("gathered_key", sa.Text(), nullable=True))
    op.create_index("ix_rooms_opened", "rooms", ["policy_id", "opened_at"])
    there = sa.text("gathered_at IS NOT NULL")
    op.create_index(
        "ix_rooms_gathered",
        "rooms",
        ["policy_id", "gathered_at"],
        sqlite_where=there,
        postgresql_where=there,
    )
    there = sa.text("gathered_key IS NOT NULL")
    op.create_index(
        "ix_violations_gathered_key",
        "violations",
        ["gathered_key"],
        sqlite_where=there,
        postgresql_where=there,
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_violations_gathered_key", "violations")
    op.drop_index("ix_rooms_gathered", "rooms")
    op.drop_index("ix_rooms_opened", "rooms")
    op.drop_column("violations", "gathered_key")
    op.drop_column("rooms", "gathered_at")

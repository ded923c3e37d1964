"""Budgets, what people sent in once, and an index of what is due by its kind."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "budgets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("limited_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_budgets")),
    )
    op.add_column("effects", sa.Column("target", sa.Text(), nullable=True))
    op.add_column("effects", sa.Column("tried_since", sa.BigInteger(), nullable=True))
    op.drop_index("ix_effects_next_attempt_at", "effects")
    op.create_index(
        "ix_effects_due",
        "effects",
        ["kind", "next_attempt_at"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.add_column("events", sa.Column("delivery", sa.Text(), nullable=True))
    op.create_index(
        "uq_events_delivery",
        "events",
        ["room_id", "delivery"],
        unique=True,
        sqlite_where=sa.text("delivery IS NOT NULL"),
        postgresql_where=sa.text("delivery IS NOT NULL"),
    )

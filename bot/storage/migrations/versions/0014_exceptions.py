"""Exceptions are streams of their own, and found by what they cover.

What the clock did for an exception in its room, it does in the exception's stream: a room has no
timer for it any more. Exceptions that hold by now get their streams when the bot starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "exceptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exceptions"),
    )
    op.create_index("ix_exceptions_until", "exceptions", ["until"])
    op.create_table(
        "exception_covers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("exception_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "exception_id", name="pk_exception_covers"),
        sa.ForeignKeyConstraint(
            ["exception_id"], ["exceptions.id"], name="fk_exception_covers_exception_id"
        ),
    )
    # No foreign key: for one SQLite would copy the whole table.
    op.add_column("answers", sa.Column("exception_id", sa.Text(), nullable=True))
    waived_only = sa.text("exception_id IS NOT NULL")
    op.create_index(
        "ix_answers_exception_id",
        "answers",
        ["exception_id"],
        sqlite_where=waived_only,
        postgresql_where=waived_only,
    )
    op.execute(
        "DELETE FROM timers WHERE stream_kind = 'war_room' "
        "AND name IN ('exception_ends_soon', 'exception_ended')"
    )

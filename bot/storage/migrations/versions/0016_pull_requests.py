"""Rooms are found by their pull request, whose commits are numbered as they are heard of.

Of what was reported before it isn't known: its rooms end as they would have.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("rooms", sa.Column("pull_request", sa.Text(), nullable=True))
    op.add_column("rooms", sa.Column("commit", sa.Text(), nullable=True))
    named_only = sa.text("pull_request IS NOT NULL")
    op.create_index(
        "ix_rooms_pull_request",
        "rooms",
        ["pull_request", "outcome", "commit"],
        sqlite_where=named_only,
        postgresql_where=named_only,
    )
    op.create_table(
        "commits",
        sa.Column("pull_request", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pull_request", "commit", name="pk_commits"),
        sa.UniqueConstraint("pull_request", "number", name="uq_commits_pull_request_number"),
    )
    op.create_table(
        "gate_questions",
        sa.Column("violation_id", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("violation_id", name="pk_gate_questions"),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["violations.id"], name="fk_gate_questions_violation_id"
        ),
    )

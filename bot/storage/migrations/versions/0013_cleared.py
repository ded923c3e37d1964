"""A violation may be cleared by a rule: `answers.rule` names it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("answers", sa.Column("rule", sa.Text(), nullable=True))
    counted = ["policy_id", "kind", "rule", "detected_at"]
    op.create_index("ix_answers_counted", "answers", counted)

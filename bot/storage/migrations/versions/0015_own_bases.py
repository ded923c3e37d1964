"""What the answer to a violation rests on that is in a room with others: `answers.basis`.

Of what came before it is not known: a room has only what it was opened for, or made graver by.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("answers", sa.Column("basis", sa.Text(), nullable=True))

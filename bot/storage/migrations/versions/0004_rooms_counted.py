"""Rooms are counted by state, policy and outcome without reading them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_index("ix_rooms_state_policy_id_outcome", "rooms", ["state", "policy_id", "outcome"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_rooms_state_policy_id_outcome", "rooms")

"""Rooms and violations are measured from their indexes alone."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KIND = ("state", "policy_id", "outcome", "team", "severity")
_TIMES = ("decided_at", "acknowledged_at", "first_response_at")


def upgrade() -> None:
    """Forward."""
    op.drop_index("ix_rooms_state_policy_id_outcome", "rooms")
    op.create_index("ix_rooms_measured", "rooms", [*_KIND, "id", *_TIMES])
    op.drop_index("ix_violations_room_id", "violations")
    op.create_index("ix_violations_room_id", "violations", ["room_id", "detected_at"])
    op.drop_index("ix_violations_detected_at", "violations")


def downgrade() -> None:
    """Back."""
    op.create_index("ix_violations_detected_at", "violations", ["detected_at"])
    op.drop_index("ix_violations_room_id", "violations")
    op.create_index("ix_violations_room_id", "violations", ["room_id"])
    op.drop_index("ix_rooms_measured", "rooms")
    op.create_index("ix_rooms_state_policy_id_outcome", "rooms", ["state", "policy_id", "outcome"])

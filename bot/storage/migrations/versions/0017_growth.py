"""What is asked of many rooms, exceptions and effects is answered from an index of its own.

Rules
- Open rooms are found by the sets of people that they ask. Which those are, rooms' documents say:
  they are filled in where the rows of rooms are made anew (see `bot.storage.rebuilding`).
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AT_ONCE = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_exceptions = sa.table(
    "exceptions",
    *(sa.column(name) for name in ("id", "until", "document", "severity", "debt_until")),
)
_next = (
    sa.select(_exceptions.c.id, _exceptions.c.until, _exceptions.c.document)
    .where(_exceptions.c.id > sa.bindparam("after"))
    .order_by(_exceptions.c.id)
    .limit(AT_ONCE)
)
_change = (
    sa.update(_exceptions)
    .where(_exceptions.c.id == sa.bindparam("of"))
    .values(
        severity=sa.bindparam("grave", type_=sa.Text()),
        debt_until=sa.bindparam("owed", type_=sa.BigInteger()),
    )
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "sets_of_people",
        sa.Column("set_id", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("set_id", "member", name="pk_sets_of_people"),
    )
    op.create_index("ix_sets_of_people_member", "sets_of_people", ["member", "set_id"])
    for name in ("initiators_id", "holders_id"):
        op.add_column("rooms", sa.Column(name, sa.Text(), nullable=True))
        _index(f"ix_rooms_{name}", "rooms", [name], "state = 'open'")
    op.add_column("exceptions", sa.Column("severity", sa.Text(), nullable=True))
    op.add_column("exceptions", sa.Column("debt_until", sa.BigInteger(), nullable=True))
    connection, after = op.get_bind(), ""
    while rows := connection.execute(_next, {"after": after}).all():
        connection.execute(_change, [_filled(row) for row in rows])
        after = rows[-1].id
    op.create_index("ix_exceptions_owner", "exceptions", ["owner", "until"])
    owed = ["debt_until", "team", "policy_id", "severity", "granted_at", "id"]
    _index("ix_exceptions_debt", "exceptions", owed, "debt_until IS NOT NULL")
    order = ["kind", "severity", "deadline", "id"]
    _index("ix_effects_order", "effects", order, "state = 'pending'")
    target = ["kind", "target", "next_attempt_at", "uncertain"]
    _index("ix_effects_target", "effects", target, "state = 'pending' AND target IS NOT NULL")


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _filled(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    said = json.loads(row.document)
    is_debt = said["outcome"] != "approved" or said.get("scope") is not None
    until = row.until
    if said.get("revoked_at"):
        revoked = datetime.fromisoformat(said["revoked_at"])
        until = (revoked - _EPOCH) // timedelta(microseconds=1)
    return {"of": row.id, "grave": said["severity"], "owed": until if is_debt else None}

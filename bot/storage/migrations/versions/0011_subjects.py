"""Rooms are found by their subject: `rooms.subject` is one value for a kind and a name."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROOMS_AT_ONCE = 200  # PostgreSQL ends a transaction that stands still for ten seconds

_rooms = sa.table(
    "rooms", sa.column("id", sa.Text()), sa.column("document", sa.Text()), sa.column("subject")
)
_next = (
    sa.select(_rooms.c.id, _rooms.c.document)
    .where(_rooms.c.id > sa.bindparam("after"))
    .order_by(_rooms.c.id)
    .limit(ROOMS_AT_ONCE)
)
_change = (
    sa.update(_rooms)
    .where(_rooms.c.id == sa.bindparam("of"))
    .values(subject=sa.bindparam("is_about", type_=sa.Text()))
)


def upgrade() -> None:
    """Forward."""
    op.add_column("rooms", sa.Column("subject", sa.Text(), nullable=True))
    connection, after = op.get_bind(), ""
    while rooms := connection.execute(_next, {"after": after}).all():
        changes = [{"of": room.id, "is_about": _subject(room.document)} for room in rooms]
        if named := [change for change in changes if change["is_about"]]:
            connection.execute(_change, named)
        after = rooms[-1].id
    named_only = sa.text("subject IS NOT NULL")
    op.create_index(
        "ix_rooms_subject",
        "rooms",
        ["subject", "policy_id", "opened_at"],
        sqlite_where=named_only,
        postgresql_where=named_only,
    )


def _subject(document: str) -> str | None:
    room = json.loads(document)
    subject = room["contents"]["first"]["report"].get("subject") or {}
    if room.get("is_storm") or not subject.get("name"):
        return None
    place = [subject.get("kind"), subject["name"]]
    return hashlib.sha256(json.dumps(place).encode()).hexdigest()[:32]

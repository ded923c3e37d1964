"""Who is behind a change: several humans, some of whom nobody knows.

Rules
- `answers.makers` is of those that are in a storm's room: of the others their room's events say it.
- Slack is asked about accounts, and no longer about addresses alone.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.domain.identity import account_of
from bot.domain.person import EMAIL
from bot.domain.violation import Initiator

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_answers = sa.table(
    "answers",
    *(sa.column(name) for name in ("violation_id", "policy_id", "gathered_key", "makers")),
)
_violations = sa.table("violations", sa.column("id"), sa.column("document"))
_effects = sa.table("effects", *(sa.column(name) for name in ("id", "kind", "lane", "payload")))


def upgrade() -> None:
    """Forward."""
    op.execute("ALTER TABLE answers RENAME COLUMN initiator TO makers")
    connection = op.get_bind()
    c = _answers.c
    connection.execute(sa.update(_answers).where(c.gathered_key.is_(None)).values(makers=None))
    gathered = (
        sa.select(c.violation_id, c.policy_id, c.makers, _violations.c.document)
        .join(_violations, _violations.c.id == c.violation_id)
        .where(c.gathered_key.is_not(None))
    )
    _change(
        connection,
        sa.update(_answers)
        .where(c.violation_id == sa.bindparam("of"), c.policy_id == sa.bindparam("by"))
        .values(makers=sa.bindparam("made")),
        [
            {"of": row.violation_id, "by": row.policy_id, "made": _makers(row)}
            for row in connection.execute(gathered).all()
        ],
    )
    asked = sa.select(_effects).where(_effects.c.kind == "identify")
    _change(
        connection,
        sa.update(_effects)
        .where(_effects.c.id == sa.bindparam("of"))
        .values(payload=sa.bindparam("asks")),
        [{"of": row.id, "asks": _asks(row.payload)} for row in connection.execute(asked).all()],
    )


def _makers(row: Any) -> str:  # noqa: ANN401 - a row
    """Who made one as it was known; whose identities were reported, where nobody was."""
    if row.makers:
        return json.dumps([{"names": [row.makers], "known": True}])
    initiator = Initiator.read(json.loads(row.document)["report"]["initiator"])
    return json.dumps([{"accounts": [each.account for each in initiator.identities]}])


def _asks(payload: str) -> str:
    address = json.loads(payload).get("address")
    return json.dumps({"account": account_of(EMAIL, address)}) if address else payload


def _change(connection: sa.Connection, statement: sa.Update, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)

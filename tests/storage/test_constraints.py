"""What must be unique is a constraint of the database, on both kinds."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError

from bot.domain.ladder import next_timer
from bot.domain.war_room import GATHERING
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.rows import Outgoing
from bot.storage.transaction import Transaction
from tests.build import POLICY, START, opened, room, violation


@pytest.fixture
def stored(database: Database) -> Database:
    with database.write.begin() as connection:
        transaction = Transaction(connection, START)
        transaction.add_step(None, opened(), next_timer(room(), POLICY), Outgoing())
        transaction.add_violation(violation(), room(), "delivery-1")
        transaction.flush()
    return database


EVENT = {"room_id": room().id, "at": START, "actor": "U1", "payload": "{}"}
ROOM = {
    "version": 1,
    "state": "open",
    "policy_id": POLICY.id,
    "severity": "high",
    "dedup_key": room().violation.report.key,
    "opened_at": START,
    "expires_at": START + timedelta(hours=4),
    "document": "{}",
}
VIOLATION = {"room_id": room().id, "received_at": START, "detected_at": START}


@pytest.mark.parametrize(
    ("rule", "table", "rows"),
    [
        ("one event a place", t.events, [EVENT | {"seq": 1, "kind": "joined"}]),
        (
            "one decision a room",
            t.events,
            [EVENT | {"seq": 8, "kind": "decided"}, EVENT | {"seq": 9, "kind": "decided"}],
        ),
        ("one open room a key", t.rooms, [ROOM | {"id": "another"}]),
        (
            "one open room for a policy's storm",
            t.rooms,
            [ROOM | {"id": name, "dedup_key": GATHERING} for name in ("one", "another")],
        ),
        (
            "one violation a delivery",
            t.violations,
            [VIOLATION | {"id": "v2", "source": "violations", "delivery_id": "delivery-1"}],
        ),
        (
            "one timer a room",
            t.timers,
            [{"room_id": room().id, "due_at": START, "kind": "expire"}],
        ),
    ],
)
def test_uniqueness_is_a_constraint(
    stored: Database, rule: str, table: Table, rows: list[dict[str, Any]]
) -> None:
    with pytest.raises(IntegrityError), stored.write.begin() as connection:
        connection.execute(insert(table), rows)


def test_a_decided_room_leaves_its_key_to_the_next_one(stored: Database) -> None:
    with stored.write.begin() as connection:
        connection.execute(t.rooms.update().values(state="decided"))
        connection.execute(insert(t.rooms), [ROOM | {"id": "another"}])

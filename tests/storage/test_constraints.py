"""What must be unique is a constraint of the database, on both kinds."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError

from bot.domain.lifecycle import WAR_ROOM
from bot.domain.war_room import STORM_KEY
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from tests.build import POLICY, START, ada, made_by, opened, room, violation
from tests.outgoing import add_step


@pytest.fixture
def stored(database: Database) -> Database:
    with database.write.begin() as connection:
        transaction = Transaction(connection, START)
        add_step(transaction, None, opened())
        answer = transaction.arrivals.in_room(violation(), room(), made_by(ada), room().terms)
        transaction.arrivals.add(violation(), "delivery-1", (answer,))
        transaction.flush()
    return database


STREAM = {"stream_kind": WAR_ROOM.kind, "stream_id": room().id}
EVENT = {**STREAM, "at": START, "actor": "p1", "schema": 1, "payload": "{}"}
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
VIOLATION = {"received_at": START, "document": "{}"}
ANSWER = {"policy_id": POLICY.id, "kind": "room", "detected_at": START}


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
            [ROOM | {"id": name, "dedup_key": STORM_KEY} for name in ("one", "another")],
        ),
        (
            "one violation a delivery",
            t.violations,
            [VIOLATION | {"id": "v2", "source": "violations", "delivery_id": "delivery-1"}],
        ),
        (
            "one answer a violation and policy",
            t.answers,
            [ANSWER | {"violation_id": violation().id}],
        ),
        (
            "one timer of a name in a stream",
            t.timers,
            [STREAM | {"due_at": START, "name": "expire"} for _ in range(2)],
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

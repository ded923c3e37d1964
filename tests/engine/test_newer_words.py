"""One room with words of a newer version in it is read, answered for and counted like any other."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.refusal import Refusal
from bot.engine.cases import cases, governance_debt
from bot.engine.engine import Engine
from bot.engine.intake import Receipt
from bot.engine.waiting import Waiting
from bot.http.gate import ask
from bot.measures.figures import figures
from bot.outbox.worker import Outbox
from bot.storage import consistency
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.transaction import Stream
from tests.build import APPROVE, POLICY, START, acting, jude, report, val
from tests.conftest import HandClock
from tests.outgoing import KINDS

Document = dict[str, Any]


async def _reported(engine: Engine, delivery: str = "d1", **fields: object) -> Receipt:
    return await engine.report(report(**fields), "violations", delivery)


def _written(database: Database, room_id: str, change: Callable[[Document], None]) -> None:
    """Have a newer version change a room."""
    with database.write.begin() as connection:
        of_room = t.rooms.c.id == room_id
        document = json.loads(
            connection.execute(select(t.rooms.c.document).where(of_room)).scalar_one()
        )
        change(document)
        decision = document["decision"]
        columns = {"state": document["state"], "severity": document["severity"]}
        columns |= {"outcome": decision["outcome"]} if decision else {}
        connection.execute(
            update(t.rooms).where(of_room).values(document=json.dumps(document), **columns)
        )


def _effects(database: Database) -> Sequence[Row[Any]]:
    with database.read.connect() as connection:
        return connection.execute(select(t.effects).order_by(t.effects.c.id)).all()


@pytest.mark.parametrize("verdict", ["allow", "block", "ask_again"])
async def test_an_unknown_outcome_is_answered_with_the_verdict_that_was_stored(
    engine: Engine, database: Database, verdict: str
) -> None:
    first = await _reported(engine)
    await engine.handle(first.room.id, APPROVE, acting(val.name))
    words = {"outcome": "risk_accepted", "verdict": verdict, "role": "risk_owner"}
    _written(database, first.room.id, lambda room: room["decision"].update(words))

    again = await _reported(engine)
    assert (again.duplicate, again.violation_id) == (True, first.violation_id)
    answer = json.loads(json.dumps(await ask(engine, first.violation_id, 0, Waiting(engine))))
    assert (answer["verdict"], answer["outcome"]) == (verdict, "risk_accepted")
    refused = await engine.handle(first.room.id, c.Reject(reason="No."), acting(jude.name))
    assert isinstance(refused, Refusal)
    assert "was risk_accepted by val" in refused.message
    counted = figures(cases(engine.store, START + timedelta(hours=1)))
    assert counted.by_outcome.keys() == {"risk_accepted"}


async def test_an_unknown_severity_breaks_no_list_and_no_count(
    engine: Engine, database: Database
) -> None:
    first = await _reported(engine)
    other = await _reported(engine, "d2", dedup_key="another")
    _written(database, first.room.id, lambda room: room.update(severity="catastrophic"))
    assert {room.id: room.severity for room in engine.store.open_rooms()} == {
        first.room.id: "catastrophic",
        other.room.id: POLICY.severity,
    }
    now = START + timedelta(days=2)
    owed = governance_debt(engine.store, now).liabilities
    assert [each.severity for each in owed] == ["catastrophic", "high"]
    joined = await _reported(engine, "d3")
    assert joined.room.id == first.room.id
    assert joined.room.severity == "catastrophic"
    assert isinstance(await engine.handle(first.room.id, APPROVE, acting(val.name)), Step)


async def test_a_violation_of_an_unknown_severity_is_read(
    engine: Engine, database: Database
) -> None:
    first = await _reported(engine)
    stored = engine.store.violation(first.violation_id)
    assert stored
    document = json.loads(stored.model_dump_json())
    document["report"]["severity"] = "catastrophic"
    with database.write.begin() as connection:
        connection.execute(update(t.violations).values(document=json.dumps(document)))
    (read,) = engine.store.violations_in(first.room.id, 9)
    assert read.report.severity == "catastrophic"


async def test_a_room_in_an_unknown_state_is_left_alone(
    engine: Engine, database: Database, clock: HandClock
) -> None:
    first = await _reported(engine)
    _written(database, first.room.id, lambda room: room.update(state="paused"))
    with database.read.connect() as connection:
        before = connection.execute(select(t.rooms)).one()
        due = connection.execute(select(t.timers)).all()
    refused = await engine.handle(first.room.id, APPROVE, acting(val.name))
    assert isinstance(refused, Refusal)
    assert "is paused" in refused.message

    clock.move(POLICY.window * 2)
    assert not await engine.tick(Stream(WAR_ROOM.kind, first.room.id))
    outbox, began = Outbox(engine, KINDS, dict.fromkeys(KINDS.destinations)), _effects(database)
    async with asyncio.timeout(20):
        while not all(each.last_error for each in _effects(database)):
            await outbox.sweep()
            await engine.wakeups.outbox.wait()
            engine.wakeups.outbox.clear()
    left = _effects(database)
    assert [(each.id, each.state) for each in left] == [(each.id, "pending") for each in began]
    said = f"war room {first.room.id} is paused, a state of a newer version"
    assert {each.last_error for each in left} == {said}
    with database.read.connect() as connection:
        assert connection.execute(select(t.rooms)).one() == before
        assert connection.execute(select(t.timers)).all() == due
    answer = await ask(engine, first.violation_id, 0, Waiting(engine))
    assert answer
    assert answer["verdict"] == "pending"


async def test_a_record_with_unknown_words_gives_the_room_that_has_them(
    engine: Engine, database: Database
) -> None:
    first = await _reported(engine)
    await engine.handle(first.room.id, APPROVE, acting(val.name))
    _written(database, first.room.id, lambda room: room.update(state="paused"))
    with database.write.begin() as connection:
        decided = connection.execute(select(t.events).where(t.events.c.kind == "decided")).one()
        payload = json.loads(decided.payload) | {"state": "paused"}
        connection.execute(
            update(t.events)
            .where(t.events.c.position == decided.position)
            .values(payload=json.dumps(payload))
        )
    with database.read.connect() as connection:
        assert set(consistency.differences(connection)) == {None}

"""Questions on the hot paths use an index: their cost stays flat when the tables grow."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as Connections
from sqlalchemy import event

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM
from bot.domain.violation import Success
from bot.engine.engine import TIMERS, Engine
from bot.engine.wakeups import Wakeups
from bot.outbox import claim
from bot.storage import exceptions
from bot.storage.database import Database
from bot.storage.earlier import earlier_rooms
from bot.storage.transaction import Stream
from tests.build import APPROVE, POLICY, acting, config, report, val
from tests.conftest import HandClock
from tests.outgoing import FOLLOWING, KINDS

QUESTIONS = ("SELECT", "UPDATE", "DELETE")


def _listen(connections: Connections, heard: dict[str, Any]) -> None:
    @event.listens_for(connections, "before_cursor_execute")
    def _heard(*happening: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        statement, parameters = happening[2], happening[3]
        if statement.startswith(QUESTIONS):
            one = parameters[0] if isinstance(parameters, list) else parameters
            heard[statement] = one


async def test_what_webhooks_clicks_the_clock_and_the_outbox_ask_is_never_a_scan(
    sqlite_template: Path, tmp_path: Path, clock: HandClock
) -> None:
    shutil.copy(sqlite_template, tmp_path / "warroom.db")
    database = Database(f"sqlite:///{tmp_path}/warroom.db")
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    heard: dict[str, Any] = {}
    _listen(database.write, heard)
    _listen(database.read, heard)
    about = report(subject={"kind": "model", "name": "ranker"}, origin={"commit": "c1"})
    receipt = await engine.report(about, "violations", "d1")
    await engine.report(about, "violations", "d2")
    await engine.handle(receipt.room.id, c.Acknowledge(), acting(val.name))
    await engine.handle(receipt.room.id, r.RecordChannel(channel="C1"), BY_SYSTEM)
    clock.move(timedelta(hours=5))
    await engine.tick(Stream(WAR_ROOM.kind, receipt.room.id))
    lease = timedelta(minutes=1)
    claimed = await engine.write(
        lambda tx: claim.claim(tx.connection, tx.now, lease, 9, KINDS, KINDS)
    )
    await engine.write(lambda tx: claim.delivered(tx.connection, claimed[0].id))
    store = engine.store
    again = await engine.report(about, "violations", "d3")
    assert earlier_rooms(store, again.room).last
    store.timers_due(clock(), TIMERS)
    store.next_timer(clock(), TIMERS)
    for key in (receipt.room.key, "gathered nowhere"):
        success = Success(key=key, check="Guardrails", at=clock())
        await engine.succeeded(POLICY.id, success, f"s {key}")
    await engine.names.ignored("github", "Guardrials")
    await engine.names.taken("github", "Guardrails")
    store.ask(lambda connection: claim.waiting(connection, clock(), KINDS))
    store.undelivered(receipt.room.id)
    store.room_of_violation(receipt.violation_id)
    store.deciding(receipt.violation_id)
    store.room_in_channel("C1")
    store.record(receipt.room.id)
    await engine.handle(again.room.id, APPROVE, acting(val.name))
    made = store.ask(lambda connection: exceptions.exception(connection, again.room.id))
    assert made
    keys = [cover.key for cover in made.covers]
    assert await engine.write(lambda tx: tx.exceptions.covering(keys)) == [made]
    store.ask(lambda connection: exceptions.active(connection, clock()))
    store.ask(lambda connection: exceptions.without_stream(connection, clock()))
    await asyncio.to_thread(engine.stop)
    assert len(heard) > 15
    with database.read.connect() as connection:
        plans = {
            statement: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", one).all()
            for statement, one in list(heard.items())
        }
    database.dispose()
    for statement, plan in plans.items():
        scans = [row[3] for row in plan if row[3].startswith("SCAN")]
        scans = [scan for scan in scans if scan != "SCAN CONSTANT ROW"]
        assert not scans, f"{statement}: {scans}"
    (of_subject,) = (plan for statement, plan in plans.items() if "rooms.subject =" in statement)
    assert ["ix_rooms_subject" in row[3] for row in of_subject] == [True], of_subject

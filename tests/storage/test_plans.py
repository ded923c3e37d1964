"""Questions on the hot paths are answered by keys: their cost stays flat when the tables grow."""

import asyncio
from collections.abc import Set as AbstractSet
from datetime import timedelta

from sqlalchemy import Connection, PrimaryKeyConstraint, UniqueConstraint

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM
from bot.domain.policy import StormRule
from bot.domain.violation import Success
from bot.engine.aggregates import TIMERS
from bot.engine.engine import Engine
from bot.outbox import claim
from bot.storage import exceptions
from bot.storage.database import Database
from bot.storage.earlier import earlier_rooms
from bot.storage.tables import metadata
from bot.storage.transaction import Stream, Transaction
from tests.build import APPROVE, POLICY, acting, ada, report, val
from tests.conftest import HandClock, started
from tests.outgoing import KINDS
from tests.storage.plans import fill, heard, reads

MANY = [
    POLICY.model_copy(update={"id": f"{POLICY.id}{suffix}", "storm": StormRule(rooms=500)})
    for suffix in ("", *"abcdefghijk")
]
UNIQUE = (PrimaryKeyConstraint, UniqueConstraint)
# Where less than the whole of an index is a key: what follows is the order in which is read, up to
# a limit, or what is to be known of each.
ENOUGH = {
    "ix_rooms_subject": {"subject", "policy_id"},
    "ix_rooms_pull_request": {"pull_request", "outcome"},
    "ix_answers_room_id": {"room_id"},
    "ix_effects_due": {"kind"},
    "ix_effects_order": {"kind"},
    "ix_effects_lane": {"lane"},
    "ix_effects_target": {"kind", "target", "next_attempt_at"},
    "ix_sets_of_people_member": {"member"},
    "uq_events_stream_kind_stream_id_seq": {"stream_kind", "stream_id"},
    "pk_timers": {"stream_kind", "stream_id"},
    "pk_answers": {"violation_id"},
    "pk_commits": {"pull_request"},
    "pk_exception_covers": {"key"},
    "pk_sets_of_people": {"set_id"},
    "pk_source_names": {"source"},
    # In order, up to a limit.
    "ix_rooms_open": set[str](),
    "ix_timers_due_at": set[str](),
}


async def _asked(engine: Engine, clock: HandClock) -> None:
    """Everything that webhooks, the gate, clicks, Slack's views, the clock and the outbox ask."""
    about = report(subject={"kind": "model", "name": "ranker"}, origin={"commit": "c1"})
    receipt = await engine.report(about, "violations", "d1")
    await engine.report(about, "violations", "d2")
    await engine.handle(receipt.room.id, c.Acknowledge(), acting(val.name))
    await engine.handle(receipt.room.id, r.RecordChannel(channel="C1"), BY_SYSTEM)
    clock.move(timedelta(hours=5))
    await engine.tick(Stream(WAR_ROOM.kind, receipt.room.id))
    await _claimed(engine, oldest_first=False)
    await _claimed(engine, oldest_first=True)
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
    store.answers(receipt.violation_id)
    store.deciding(receipt.violation_id)
    store.room_in_channel("C1")
    store.record(receipt.room.id)
    assert store.open_rooms(20) == store.open_rooms_asking(ada) == store.open_rooms_asking(val)
    await engine.handle(again.room.id, APPROVE, acting(val.name))
    made = store.ask(lambda connection: exceptions.exception(connection, again.room.id))
    assert made
    keys = [cover.key for cover in made.covers]
    assert await engine.write(lambda tx: tx.exceptions.covering(keys)) == [made]
    store.ask(lambda connection: exceptions.active(connection, clock()))
    store.ask(lambda connection: exceptions.without_stream(connection, clock()))
    owned = store.ask(lambda asked: exceptions.active_in_rooms(asked, clock(), val))
    assert [each for each, _ in owned] == [made]
    await engine.report(report(dedup_key="another"), "violations", "d4")


async def _reported(engine: Engine, number: int) -> None:
    """One of a whole batch: planners choose by how many keys are asked for, too."""
    policy = MANY[number % len(MANY)].id
    about = report(policy=policy, dedup_key=f"key {number}", origin={"commit": f"c{number}"})
    await engine.report(about, "violations", f"batch {number}")


async def _claimed(engine: Engine, *, oldest_first: bool) -> None:
    def served(tx: Transaction) -> None:
        lease = timedelta(minutes=1)
        one, *_ = claim.claim(
            tx.connection, tx.now, lease, 9, KINDS, KINDS, oldest_first=oldest_first
        )
        tx.delivered(one.id)

    await engine.write(served)


async def test_what_is_asked_all_the_time_is_answered_by_keys(
    database: Database, clock: HandClock
) -> None:
    """Whatever is in the tables: nothing is scanned, nor is an index read by a part of its key."""
    async with started(database, clock, *MANY) as engine:
        with heard(database) as questions:
            await _asked(engine, clock)
            await asyncio.gather(*(_reported(engine, number) for number in range(2 * len(MANY))))
    fill(database)
    assert len(questions) > 30
    with database.read.connect() as connection:
        keys = _keys(connection)
        wrong = [
            (read, statement)
            for statement, parameters in questions.items()
            for read in reads(connection, statement, parameters)
            if read.index not in keys or not keys[read.index] <= read.key
        ]
    assert wrong == []


def _keys(connection: Connection) -> dict[str, AbstractSet[str]]:
    """The columns that are the key of each index, by its name."""
    keys: dict[str, AbstractSet[str]] = {"rowid": {"rowid"}}
    for table in metadata.sorted_tables:
        made = [*(each for each in table.constraints if isinstance(each, UNIQUE)), *table.indexes]
        whole = {str(each.name): {c.name for c in each.columns} for each in made}
        keys |= {name: ENOUGH.get(name, columns) for name, columns in whole.items()}
        if connection.dialect.name == "sqlite":  # which numbers those of constraints
            listed = connection.exec_driver_sql(f"PRAGMA index_list({table.name})")
            for name in [row[1] for row in listed if row[3] != "c"]:
                info = connection.exec_driver_sql(f"PRAGMA index_info({name})")
                columns = {row[2] for row in info}
                keys[name] = next(keys[each] for each in whole if whole[each] == columns)
    return keys

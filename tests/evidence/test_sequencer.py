"""Every event becomes one leaf, in one order without gaps, whoever writes and in whatever order."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from bot.cli.doctor_log import log_findings
from bot.engine.engine import Engine
from bot.evidence import sequencer
from bot.evidence.log_check import wrong
from bot.evidence.proof_checks import check_inclusion
from bot.evidence.stored_tree import StoredTree
from bot.evidence.tree import Frontier
from bot.integrations.finding import Level
from bot.settings import Settings
from bot.storage import log, migrations
from bot.storage import log_tables as lt
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.store import Store
from tests.build import APPROVE, START, acting, report, val


async def _rooms(engine: Engine, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        await engine.report(report(dedup_key=f"key {number}"), "violations", f"d{number}")


def _wrong(engine: Engine) -> list[str]:
    return engine.store.ask(lambda connection: list(wrong(connection)))


def _leaves(engine: Engine) -> list[int]:
    question = select(lt.log_leaves.c.position).order_by(lt.log_leaves.c.index)
    return engine.store.ask(lambda connection: list(connection.execute(question).scalars()))


def _event(stream_id: str) -> dict[str, object]:
    return {
        "stream_kind": "elsewhere",
        "stream_id": stream_id,
        "seq": 1,
        "at": START,
        "actor": "system",
        "kind": "happened",
        "schema": 1,
        "payload": "{}",
    }


async def test_every_event_of_every_stream_is_one_leaf_and_a_further_look_adds_none(
    engine: Engine,
) -> None:
    await _rooms(engine, 3)
    question = select(func.count()).select_from(t.events)
    events = engine.store.ask(lambda connection: connection.execute(question).scalar_one())
    assert await sequencer.look(engine) == events
    assert await sequencer.look(engine) == 0
    assert _wrong(engine) == []
    head = engine.store.ask(log.head)
    assert (head.size, head.settled) == (events, max(_leaves(engine)))


async def test_a_leaf_never_moves_when_more_come_and_is_proved_in_the_larger_tree(
    engine: Engine,
) -> None:
    await _rooms(engine, 2)
    await sequencer.look(engine)
    before = _leaves(engine)
    await _rooms(engine, 3, first=2)
    await sequencer.look(engine)
    assert _leaves(engine)[: len(before)] == before
    head = engine.store.ask(log.head)
    root = Frontier.read(head.size, head.frontier).root

    def prove(connection: Connection) -> None:
        for position in before:
            leaf = log.leaf_of(connection, position)
            assert leaf
            proof = StoredTree(connection).inclusion(leaf.index, head.size)
            check_inclusion(leaf.hash, leaf.index, head.size, proof, root)

    engine.store.ask(prove)


async def test_batches_add_up_to_one_tree(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "AT_ONCE", 3)
    await _rooms(engine, 5)
    assert await sequencer.look(engine) > 3
    assert _wrong(engine) == []


async def test_two_sequencers_at_once_give_one_order_without_gaps(engine: Engine) -> None:
    await _rooms(engine, 4)
    taken = await asyncio.gather(*(sequencer.look(engine) for _ in range(4)))
    assert sum(taken) == len(_leaves(engine))
    assert _wrong(engine) == []


@pytest.mark.only_on("postgresql", reason="on SQLite one process has the file")
async def test_whoever_comes_second_goes_away_and_adds_nothing(
    engine: Engine, database: Database
) -> None:
    await sequencer.look(engine)
    await _rooms(engine, 1)
    with database.write.begin() as first, database.write.begin() as second:
        assert sequencer.take_in(first, 1) == (1, True)
        assert sequencer.take_in(second, 10) == (0, False)
    await sequencer.look(engine)
    assert _wrong(engine) == []


@contextmanager
def _late(database: Database, stream_id: str) -> Iterator[Connection]:
    """A transaction that has written its event already, and commits when the block ends."""
    with database.write.begin() as connection:
        connection.execute(insert(t.events), [_event(stream_id)])
        yield connection


@pytest.mark.only_on("postgresql", reason="SQLite has one writer: positions are commits in order")
async def test_an_event_that_commits_below_one_with_a_leaf_is_put_in_all_the_same(
    engine: Engine, database: Database
) -> None:
    await sequencer.look(engine)
    with _late(database, "late"):
        await _rooms(engine, 2)
        assert await sequencer.look(engine) > 0
        await _rooms(engine, 1, first=2)
        assert await sequencer.look(engine) > 0
        assert await sequencer.look(engine) == 0
    assert await sequencer.look(engine) == 1
    positions = _leaves(engine)
    assert positions != sorted(positions)
    assert _wrong(engine) == []


@pytest.mark.only_on("postgresql", reason="SQLite has one writer: positions are commits in order")
async def test_what_was_rolled_back_is_waited_for_no_longer_than_its_transaction(
    engine: Engine, database: Database
) -> None:
    with database.write.connect() as late:
        late.execute(insert(t.events), [_event("never")])
        await _rooms(engine, 1)
        await sequencer.look(engine)
        held = engine.store.ask(log.head)
        assert held.settled < held.seen
        late.rollback()
    await sequencer.look(engine)
    head = engine.store.ask(log.head)
    assert (head.settled, head.writers) == (max(_leaves(engine)), frozenset())


@pytest.mark.only_on("postgresql", reason="SQLite has one writer: positions are commits in order")
async def test_where_a_server_gives_each_transaction_one_snapshot_no_event_is_missed(
    engine: Engine, database: Database
) -> None:
    """What commits while it is at work isn't in the snapshot, and doesn't write any more."""
    options = f"{database.url.query['options']} -c default_transaction_isolation=repeatable\\ read"
    strict = database.url.update_query_dict({"options": options})
    await sequencer.look(engine)
    taker = Database(strict.render_as_string(hide_password=False))
    with taker.write.begin() as taking:
        with _late(database, "late"):
            await _rooms(engine, 1)
            log.hold(taking)
        sequencer.take_in(taking, 100)
    taker.dispose()
    await sequencer.look(engine)
    assert _wrong(engine) == []


@pytest.mark.only_on("postgresql", reason="SQLite prepares no transactions")
async def test_a_prepared_transaction_writes_until_it_is_committed(
    engine: Engine, database: Database
) -> None:
    await sequencer.look(engine)
    with database.write.connect() as connection:
        if connection.exec_driver_sql("SHOW max_prepared_transactions").scalar_one() == "0":
            pytest.skip("the server that TEST_DATABASE_URL names prepares no transactions")
        connection.execute(insert(t.events), [_event("prepared")])
        connection.exec_driver_sql("PREPARE TRANSACTION 'late'")
        connection.rollback()
    await _rooms(engine, 1)
    assert await sequencer.look(engine) > 0
    with database.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT PREPARED 'late'")
    assert await sequencer.look(engine) == 1
    assert _wrong(engine) == []


async def test_an_event_where_none_is_looked_for_any_more_is_told_and_can_be_put_in(
    engine: Engine, database: Database
) -> None:
    def told() -> list[str]:
        said = engine.store.ask(lambda asked: list(log_findings(Settings(), asked, START)))
        return [each.mend for each in said if each.level is Level.ERROR]

    await _rooms(engine, 1)
    await sequencer.look(engine)
    assert told() == []
    with database.write.begin() as connection:
        connection.execute(update(lt.log_head).values(settled=1000, seen=1000))
        connection.execute(insert(t.events), [{"position": 999, **_event("missed")}])
    assert await sequencer.look(engine) == 0
    (mend,) = told()
    (statement,) = re.findall("`(UPDATE .*)`", mend)
    with database.write.begin() as connection:
        connection.exec_driver_sql(statement)
    assert await sequencer.look(engine) == 1
    assert (told(), _wrong(engine)) == ([], [])


@pytest.mark.parametrize("change", ["event", "leaf", "node", "head"])
async def test_what_was_changed_in_the_record_or_the_log_is_found(
    engine: Engine, database: Database, change: str
) -> None:
    await _rooms(engine, 3)
    await sequencer.look(engine)
    changes = {
        "event": update(t.events).where(t.events.c.position == 2).values(payload="{}"),
        "leaf": delete(lt.log_leaves).where(lt.log_leaves.c.index == 1),
        "node": update(lt.log_nodes).where(lt.log_nodes.c.number == 0).values(hash="00" * 32),
        "head": update(lt.log_head).values(size=lt.log_head.c.size - 1),
    }
    with database.write.begin() as connection:
        connection.execute(changes[change])
    assert _wrong(engine)


async def test_what_an_older_version_recorded_is_put_in_where_the_tables_are_upgraded(
    engine: Engine, database: Database
) -> None:
    room = (await engine.report(report(), "violations", "d1")).room
    await engine.handle(room.id, APPROVE, acting(val.name))
    with database.write.begin() as connection:
        for table in (lt.log_leaves, lt.log_nodes, lt.log_head, lt.checkpoints):
            table.drop(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0017'")
    migrations.upgrade(database)
    assert sequencer.take_in_all(database) > 1
    assert Store(database).ask(lambda connection: list(wrong(connection))) == []
    assert sequencer.take_in_all(database) == 0

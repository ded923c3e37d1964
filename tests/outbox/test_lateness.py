"""What is due, late, parked: so that readiness, figures and the doctor mean the same."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine as Connections
from sqlalchemy import event, select, update

from bot.domain.effect import Effect
from bot.engine.engine import Engine
from bot.integrations.slack.kinds import ARCHIVE, INVITE, OPEN_CHANNEL, TELL
from bot.outbox.budgets import Buckets, Budget, Cost, Limit
from bot.outbox.kinds import Kinds, Urgency
from bot.outbox.lateness import Due, Health, Rooms, Waiting, health, rooms
from bot.storage import tables as t
from bot.storage.database import Database
from tests.build import APPROVE, POLICY, START, acting, report, room, val
from tests.conftest import HandClock
from tests.outgoing import KINDS, add, limited

MINUTE = timedelta(minutes=1)
_CHANNEL = (OPEN_CHANNEL.name, INVITE.name, ARCHIVE.name)


def _effects(database: Database, *kinds: str, lane: str = "channel") -> None:
    with database.write.begin() as connection:
        add(connection, [Effect(kind=kind, lane=lane) for kind in kinds], room())


def _change(database: Database, kind: str, **values: object) -> None:
    with database.write.begin() as connection:
        connection.execute(update(t.effects).where(t.effects.c.kind == kind).values(**values))


def _at(database: Database, minutes: float, kinds: Kinds = KINDS) -> Health:
    with database.read.connect() as connection:
        return health(connection, START + minutes * MINUTE, kinds)


def test_of_a_lane_only_the_head_is_due(database: Database) -> None:
    _effects(database, *_CHANNEL)
    found = _at(database, 2)
    assert found.outbox[Urgency.PAGE] == Waiting(2, Due(1, START))
    assert found.outbox[Urgency.HOUSEKEEPING] == Waiting(1, Due())
    assert found.outbox[Urgency.NEWS] == Waiting()


def test_what_is_put_off_or_leased_is_not_due_before_its_time_nor_is_what_waits_behind_it(
    database: Database,
) -> None:
    _effects(database, *_CHANNEL)
    _change(database, OPEN_CHANNEL.name, next_attempt_at=START + 5 * MINUTE)
    found = _at(database, 4)
    assert [waiting.due for waiting in found.outbox.values()] == [Due()] * 4
    late = _at(database, 7).outbox[Urgency.PAGE].due
    assert late == Due(1, START + 5 * MINUTE)
    assert late.late(START + 7 * MINUTE) == 2 * MINUTE


def test_what_is_parked_is_counted_by_itself_and_holds_up_nothing(database: Database) -> None:
    _effects(database, *_CHANNEL)
    _change(database, OPEN_CHANNEL.name, state="parked")
    found = _at(database, 1)
    assert found.parked == 1
    assert found.outbox[Urgency.PAGE] == Waiting(1, Due(1, START))


def test_what_waits_for_a_budget_is_due_once_there_is_one_and_not_before(
    database: Database,
) -> None:
    create = Cost("conversations.create")
    budget = Budget(methods={create.method: Limit(1, 10 * MINUTE)})
    kinds = limited(budget, {OPEN_CHANNEL.name: create})
    _effects(database, *_CHANNEL)
    with database.write.begin() as connection:
        buckets = Buckets(connection, budget, START + 2 * MINUTE)
        buckets.read([create.method])
        buckets.take(create.method)
        buckets.write()
    assert _at(database, 11.9, kinds).outbox[Urgency.PAGE] == Waiting(2, Due())
    found = _at(database, 13, kinds).outbox[Urgency.PAGE]
    assert found == Waiting(2, Due(1, START + 12 * MINUTE)), "late since the budget was free"


def test_a_message_waits_for_the_budget_of_its_conversation(database: Database) -> None:
    budget = Budget(conversation=Limit(1, 3 * MINUTE))
    kinds = limited(budget, {})
    _effects(database, TELL.name, lane="dm:U1")
    _effects(database, TELL.name, lane="dm:U2")
    with database.write.begin() as connection:
        lane = connection.execute(select(t.effects.c.target)).scalars().first()
        buckets = Buckets(connection, budget, START + MINUTE)
        buckets.read([str(lane)])
        buckets.take(str(lane))
        buckets.write()
    assert _at(database, 2, kinds).outbox[Urgency.NEWS] == Waiting(2, Due(1, START))
    assert _at(database, 4, kinds).outbox[Urgency.NEWS] == Waiting(2, Due(2, START))
    _change(database, TELL.name, target=lane)
    assert _at(database, 5, kinds).outbox[Urgency.NEWS].due.oldest == START + 4 * MINUTE


def test_nothing_is_early() -> None:
    assert Due(1, START).late(START - MINUTE) == timedelta(0)


async def test_a_timer_is_due_from_its_time_on_and_rooms_are_counted(
    database: Database, engine: Engine, clock: HandClock
) -> None:
    first = await engine.report(report(), "violations", "d1")
    await engine.report(report(dedup_key="other"), "violations", "d2")
    await engine.handle(first.room.id, APPROVE, acting(val.name))
    clock.move(timedelta(hours=1))
    timers = engine.store.ask(lambda connection: health(connection, clock(), KINDS)).timers
    assert timers == Due(1, clock())
    assert engine.store.ask(lambda connection: health(connection, START, KINDS)).timers == Due()
    counted = engine.store.ask(rooms)
    assert sorted(counted, key=lambda each: each.state) == [
        Rooms("decided", POLICY.id, "approved", 1),
        Rooms("open", POLICY.id, None, 1),
    ]


@pytest.mark.only_on("sqlite", reason="on small tables PostgreSQL's planner takes no index")
async def test_counting_rooms_reads_no_table_and_counting_timers_those_that_are_due(
    database: Database, engine: Engine, clock: HandClock
) -> None:
    plans: list[str] = []
    _explained(database.read, plans)
    engine.store.ask(rooms)
    engine.store.ask(lambda connection: health(connection, clock(), KINDS))
    (of_rooms,) = (plan for plan in plans if "rooms" in plan)
    (of_timers,) = (plan for plan in plans if "timers" in plan)
    assert "USING COVERING INDEX" in of_rooms
    assert "USING INDEX ix_timers_due_at (due_at<?)" in of_timers


def _explained(connections: Connections, plans: list[str]) -> None:
    @event.listens_for(connections, "before_cursor_execute")
    def _explain(*happening: object) -> None:
        connection, _, statement, parameters = happening[:4]
        plan = connection.connection.cursor()  # type: ignore[attr-defined] # SQLAlchemy's connection
        plan.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[3] for row in plan.fetchall())

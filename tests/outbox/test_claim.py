"""Effects are claimed once, in order within a lane, the most urgent first."""

from datetime import datetime, timedelta

from sqlalchemy import update

from bot.domain.aggregate import Step
from bot.domain.effect import Effect
from bot.domain.person import BY_SYSTEM, SYSTEM
from bot.domain.reported import RecordChannel
from bot.integrations.slack.kinds import ANNOUNCE, OPEN_CHANNEL, PAGE, POST_CARD, UPDATE_CARD
from bot.outbox import claim
from bot.outbox.delivery import Claimed
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.rows import forget_effects
from bot.storage.transaction import Transaction
from tests.build import POLICY, START, decide, opened, report, room
from tests.conftest import HandClock, started
from tests.outgoing import KINDS, add, add_step

LEASE = timedelta(seconds=60)


def _add(database: Database, *effects: Effect) -> None:
    with database.write.begin() as connection:
        add(connection, effects, room())


def _claim(database: Database, now: datetime, limit: int = 10) -> list[Claimed]:
    with database.write.begin() as connection:
        return list(claim.claim(connection, now, LEASE, limit, KINDS, KINDS))


def _effect(kind: str, lane: str = "channel") -> Effect:
    return Effect(kind=kind, lane=lane, payload={"user": "U1"})


def test_only_the_head_of_a_lane_is_claimed_until_it_is_delivered(database: Database) -> None:
    _add(database, _effect(OPEN_CHANNEL.name), _effect(POST_CARD.name))
    first = _claim(database, START)
    assert [effect.kind for effect in first] == [OPEN_CHANNEL.name]
    assert _claim(database, START) == []
    with database.write.begin() as connection:
        transaction = Transaction(connection, START)
        transaction.delivered(first[0].id)
        transaction.flush()
    assert [effect.kind for effect in _claim(database, START)] == [POST_CARD.name]


def test_what_was_delivered_frees_its_lane_for_a_claim_of_the_same_batch(
    database: Database,
) -> None:
    _add(database, _effect(OPEN_CHANNEL.name), _effect(POST_CARD.name))
    first = _claim(database, START)
    with database.write.begin() as connection:
        transaction = Transaction(connection, START)
        transaction.delivered(first[0].id)
        transaction.forget_delivered()
        claimed = claim.claim(connection, START, LEASE, 9, KINDS, KINDS)
        transaction.flush()
    assert [effect.kind for effect in claimed] == [POST_CARD.name]


def test_the_most_urgent_lane_comes_first(database: Database) -> None:
    _add(database, _effect(UPDATE_CARD.name), _effect(PAGE.name, "dm:U1"))
    assert [effect.kind for effect in _claim(database, START, limit=1)] == [PAGE.name]


def test_what_a_crash_leaves_behind_comes_up_after_its_lease_and_is_uncertain(
    database: Database,
) -> None:
    _add(database, _effect(OPEN_CHANNEL.name))
    assert [effect.uncertain for effect in _claim(database, START)] == [False]
    assert _claim(database, START + LEASE - timedelta(microseconds=1)) == []
    again = _claim(database, START + LEASE)
    assert [(effect.uncertain, effect.attempts) for effect in again] == [(True, 2)]


def test_a_failure_that_is_known_is_not_uncertain(database: Database) -> None:
    _add(database, _effect(OPEN_CHANNEL.name))
    later = START + timedelta(seconds=5)
    with database.write.begin() as connection:
        claimed = claim.claim(connection, START, LEASE, 1, KINDS, KINDS)[0]
        claim.put_off(connection, claimed, later, "ratelimited", uncertain=False)
    assert _claim(database, START) == []
    assert [effect.uncertain for effect in _claim(database, later)] == [False]


def test_a_parked_effect_does_not_stand_in_the_way_of_its_lane(database: Database) -> None:
    _add(database, _effect(OPEN_CHANNEL.name), _effect(ANNOUNCE.name))
    with database.write.begin() as connection:
        claimed = claim.claim(connection, START, LEASE, 1, KINDS, KINDS)[0]
        claim.park(connection, claimed, "restricted_action", uncertain=False)
    assert [effect.kind for effect in _claim(database, START)] == [ANNOUNCE.name]


def test_a_page_waits_for_its_channel_five_seconds_at_most(database: Database) -> None:
    page = Effect(kind=PAGE.name, lane="dm:U1", payload={"user": "U1"}, wait_for_channel=True)
    _add(database, page)
    assert _claim(database, START + timedelta(seconds=4)) == []
    assert len(_claim(database, START + timedelta(seconds=5))) == 1


def test_the_id_of_an_effect_is_never_given_twice(database: Database) -> None:
    ids = []
    for _ in range(3):
        _add(database, _effect(ANNOUNCE.name))
        with database.write.begin() as connection:
            ids.append(claim.claim(connection, START, LEASE, 1, KINDS, KINDS)[0].id)
            forget_effects(connection, ids[-1:])
    assert len(set(ids)) == 3


def test_a_page_of_the_same_batch_as_its_channel_does_not_wait(database: Database) -> None:
    with database.write.begin() as connection:
        transaction = Transaction(connection, START)
        add_step(transaction, None, opened())
        channel = decide(room(), RecordChannel(channel="C1"), SYSTEM, POLICY, START)
        assert isinstance(channel, Step)
        add_step(transaction, room(), channel)
        transaction.flush()
    kinds = {effect.kind for effect in _claim(database, START)}
    assert kinds == {OPEN_CHANNEL.name, PAGE.name}


async def test_a_claim_brings_its_room_as_the_batch_has_left_it(
    database: Database, clock: HandClock
) -> None:
    """What made an effect due may be of the same batch, and isn't in the room's row yet."""
    async with started(database, clock, POLICY) as engine:
        room_id = (await engine.report(report(), "violations", "d1")).room.id

        def order(transaction: Transaction) -> set[str | None]:
            engine.apply(transaction, room_id, RecordChannel(channel="C1"), BY_SYSTEM)
            claimed = claim.claim(transaction.connection, clock(), LEASE, 9, KINDS, KINDS)
            rooms = (each.room for each in claim.with_rooms(transaction, claimed))
            return {room.channel if room else None for room in rooms}

        assert await engine.write(order) == {"C1"}


async def test_a_row_that_cannot_be_read_holds_up_its_own_effects_alone(
    database: Database, clock: HandClock
) -> None:
    async with started(database, clock, POLICY) as engine:
        broken = (await engine.report(report(dedup_key="a"), "violations", "d1")).room.id
        sound = (await engine.report(report(dedup_key="b"), "violations", "d2")).room.id
        with database.write.begin() as connection:
            connection.execute(update(t.rooms).where(t.rooms.c.id == broken).values(document="{}"))

        def order(transaction: Transaction) -> dict[str | None, tuple[bool, bool]]:
            claimed = claim.claim(transaction.connection, clock(), LEASE, 9, KINDS, KINDS)
            there = claim.with_rooms(transaction, claimed)
            return {each.room_id: (each.room is None, bool(each.unreadable)) for each in there}

        assert await engine.write(order) == {broken: (True, True), sound: (False, False)}

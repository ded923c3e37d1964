"""Budgets: what a claim may take, for all replicas together, and who waits for whom."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.effect import Effect
from bot.domain.violation import Severity
from bot.integrations.slack.kinds import ANNOUNCE, DIGEST, OPEN_CHANNEL, PAGE, PIN_CARD, UPDATE_CARD
from bot.outbox import budgets, claim
from bot.outbox.budgets import Bucket, Buckets, Budget, Cost, Limit
from bot.outbox.delivery import Claimed
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.rows import forget_effects
from tests.build import START, room
from tests.outgoing import add, limited

LEASE = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
BUDGET = Budget(
    methods={
        "conversations.create": Limit(3, MINUTE),
        "chat.postMessage": Limit(50, MINUTE),
        "conversations.history": Limit(1, MINUTE),
    },
    conversation=Limit(2, 10 * SECOND),
    pages=Limit(2, MINUTE),
    digests=Limit(1, MINUTE),
)
LIMITED = limited(
    BUDGET,
    {
        OPEN_CHANNEL.name: Cost("conversations.create"),
        PAGE.name: Cost("chat.postMessage", ("conversations.history",)),
        ANNOUNCE.name: Cost("chat.postMessage"),
    },
)


def _add(database: Database, number: int, *effects: Effect, **fields: object) -> None:
    place = room().model_copy(update={"id": f"room{number:06}", **fields})
    with database.write.begin() as connection:
        add(connection, effects, place)


def _claim(database: Database, now: datetime, **options: bool) -> Sequence[Claimed]:
    with database.write.begin() as connection:
        waiting = claim.waiting(connection, now, LIMITED)
        return claim.claim(connection, now, LEASE, 100, LIMITED, waiting.since, **options)


def _next(database: Database, now: datetime) -> datetime | None:
    with database.read.connect() as connection:
        return claim.waiting(connection, now, LIMITED).next_at


def _delivered(database: Database, effects: Sequence[Claimed]) -> None:
    with database.write.begin() as connection:
        for effect in effects:
            forget_effects(connection, [effect.id])


OPEN = Effect(kind=OPEN_CHANNEL.name, lane="channel")
NEWS = Effect(kind=ANNOUNCE.name, lane="channel")
UPDATE = Effect(kind=UPDATE_CARD.name, lane="channel")


def _page(user: str) -> Effect:
    return Effect(kind=PAGE.name, lane=f"dm:{user}", payload={"user": user})


@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_window_ever_sees_more_than_the_limit_and_none_of_it_is_lost(
    pauses: list[float],
) -> None:
    limit = Limit(5, timedelta(seconds=20))
    bucket, now = Bucket("any", limit), START
    taken: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        recent = [when for when in taken if when > now - limit.window]
        assert bucket.left(now) == limit.most - len(recent)
        if bucket.left(now):
            bucket.take(now)
            taken.append(now)


def test_a_method_is_claimed_for_as_often_as_its_limit_allows_and_again_a_window_later(
    database: Database,
) -> None:
    for number in range(5):
        _add(database, number, OPEN)
    assert len(_claim(database, START)) == 3
    assert len(_claim(database, START + MINUTE - SECOND)) == 0
    assert _next(database, START + MINUTE - SECOND) == START + MINUTE
    assert len(_claim(database, START + MINUTE)) == 3  # two of them, and one lease has ended


def test_the_rows_are_shared_by_all_replicas(database: Database, database_url: str) -> None:
    other = Database(database_url)
    for number in range(5):
        _add(database, number, OPEN)
    assert len(_claim(database, START)) == 3
    assert len(_claim(other, START)) == 0
    other.dispose()


def test_a_method_without_tokens_holds_up_no_other(database: Database) -> None:
    for number in range(9):
        _add(database, number, OPEN)
    _add(database, 9, Effect(kind=PIN_CARD.name, lane="channel"))
    kinds = [effect.kind for effect in _claim(database, START)]
    assert kinds == [OPEN_CHANNEL.name] * 3 + [PIN_CARD.name]


def test_the_most_severe_come_first_then_the_earliest_deadline(database: Database) -> None:
    soon, later = START + 60 * MINUTE, START + 120 * MINUTE
    _add(database, 1, OPEN, severity=Severity.LOW, expires_at=soon)
    _add(database, 2, OPEN, severity=Severity.HIGH, expires_at=later)
    _add(database, 3, OPEN, severity=Severity.HIGH, expires_at=soon)
    _add(database, 4, OPEN, severity=Severity.CRITICAL, expires_at=later)
    claimed = [effect.room_id for effect in _claim(database, START)]
    assert claimed == ["room000004", "room000003", "room000002"]


def test_a_page_goes_before_all_that_is_for_its_room(database: Database) -> None:
    for number in range(3):
        _add(database, number, OPEN, _page(f"U{number}"))
    kinds = [effect.kind for effect in _claim(database, START)]
    assert kinds == [PAGE.name] * 3 + [OPEN_CHANNEL.name] * 3


def test_nobody_starves_who_has_waited_longest_has_a_turn(database: Database) -> None:
    _add(database, 1, OPEN, severity=Severity.LOW)
    with database.write.begin() as connection:
        for number in range(2, 9):
            urgent = room().model_copy(
                update={"id": f"room{number:06}", "severity": Severity.CRITICAL}
            )
            add(connection, [OPEN], urgent, START + SECOND)
    claimed = _claim(database, START + SECOND, oldest_first=True)
    assert claimed[0].room_id == "room000001"


def test_a_conversation_takes_a_burst_and_then_its_pace_and_holds_up_no_other(
    database: Database,
) -> None:
    for number in range(4):
        _add(database, 1, Effect(kind=ANNOUNCE.name, lane="channel", payload={"seq": "1"}))
        _add(database, 2 + number, NEWS)
    for _ in range(2):
        _delivered(database, _claim(database, START))
    assert [effect.room_id for effect in _claim(database, START)] == []
    later = _claim(database, START + 10 * SECOND)
    assert [effect.room_id for effect in later] == ["room000001"]


def test_too_many_pages_for_one_person_become_one_digest(database: Database) -> None:
    for number in range(7):
        _add(database, number, _page("U0VAL"))
    _add(database, 7, _page("U0JUDE"))
    claimed = _claim(database, START)
    assert [(effect.kind, effect.payload["user"]) for effect in claimed] == [
        (PAGE.name, "U0JUDE"),
        (DIGEST.name, "U0VAL"),
    ]
    assert len(claimed[1].payload["rooms"].split()) == 7
    assert _claim(database, START + 59 * SECOND) == ()


def test_pages_between_two_digests_wait_for_the_next_one(database: Database) -> None:
    for number in range(3):
        _add(database, number, _page("U0VAL"))
    _delivered(database, _claim(database, START))
    for number in range(3, 6):
        _add(database, number, _page("U0VAL"))
    assert _claim(database, START + SECOND) == ()
    assert _next(database, START + SECOND) == START + MINUTE
    digest = _claim(database, START + MINUTE)
    assert [effect.kind for effect in digest] == [DIGEST.name]
    assert len(digest[0].payload["rooms"].split()) == 3


def test_a_page_that_may_have_been_sent_is_looked_up_and_never_gathered(
    database: Database,
) -> None:
    _add(database, 1, _page("U0VAL"))
    assert len(_claim(database, START)) == 1  # and its process is gone
    for number in range(2, 6):
        _add(database, number, _page("U0VAL"))
    again = _claim(database, START + LEASE)
    assert [(effect.kind, effect.uncertain) for effect in again] == [
        (PAGE.name, True),
        (DIGEST.name, False),
    ]


def test_without_a_budget_to_look_up_what_is_certain_goes_first(database: Database) -> None:
    for number, user in enumerate(("U1", "U2")):
        _add(database, number, _page(user))
    assert len(_claim(database, START)) == 2
    _add(database, 2, _page("U3"))
    uncertain = [effect.uncertain for effect in _claim(database, START + LEASE)]
    assert sorted(uncertain) == [False, True]
    _add(database, 3, _page("U4"))
    assert [effect.uncertain for effect in _claim(database, START + LEASE + SECOND)] == [False]


def test_only_the_newest_of_the_card_updates_that_wait_is_sent(database: Database) -> None:
    _add(database, 1, UPDATE, NEWS, UPDATE, NEWS, UPDATE)
    _add(database, 2, UPDATE)
    kinds = []
    while claimed := _claim(database, START):
        kinds += [effect.kind for effect in claimed if effect.room_id == "room000001"]
        _delivered(database, claimed)
    assert kinds == [ANNOUNCE.name, ANNOUNCE.name, UPDATE_CARD.name]


def test_an_update_under_way_is_not_merged_with_what_came_after_it(database: Database) -> None:
    """It may show the room as it was before."""
    _add(database, 1, UPDATE)
    under_way = _claim(database, START)
    _add(database, 1, UPDATE)
    assert _claim(database, START) == ()
    _delivered(database, under_way)
    assert len(_claim(database, START)) == 1


def test_who_is_told_to_wait_waits_and_goes_on_more_slowly(database: Database) -> None:
    for number in range(9):
        _add(database, number, OPEN)
    assert len(_claim(database, START)) == 3
    with database.write.begin() as connection:
        buckets = Buckets(connection, BUDGET, START)
        buckets.refused("conversations.create", 30 * SECOND)
        buckets.write()
    assert len(_claim(database, START + 29 * SECOND)) == 0
    assert len(_claim(database, START + 30 * SECOND)) == 2
    with database.read.connect() as connection:
        left = budgets.left(connection, START + 31 * SECOND, BUDGET)
    assert left["conversations.create"] == 0
    assert left["chat.postMessage"] == 50


def test_a_limit_that_was_lowered_grows_back() -> None:
    limit = Limit(50, MINUTE)
    bucket = Bucket("any", limit)
    bucket.take(START, 10)
    for _ in range(10):
        bucket.refused(START, SECOND)
    assert bucket.left(START + SECOND) == 1
    assert bucket.left(START + MINUTE) == 6
    assert bucket.left(START + 20 * MINUTE) == 50


def test_replicas_that_begin_at_once_share_one_bucket(
    database: Database, database_url: str
) -> None:
    for number in range(9):
        _add(database, number, OPEN)
    replicas = [Database(database_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        claimed = list(threads.map(lambda replica: len(_claim(replica, START)), replicas))
    assert sum(claimed) == 3
    for replica in replicas:
        replica.dispose()


def test_rows_of_what_is_not_used_any_more_are_dropped(database: Database) -> None:
    _add(database, 1, NEWS)
    _claim(database, START)
    with database.write.begin() as connection:
        budgets.forget(connection, START + 2 * budgets.FORGOTTEN_AFTER)
        assert connection.execute(select(tables.budgets)).all() == []

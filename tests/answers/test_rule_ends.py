"""Who answers for a rule hears a week before it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.follow_up import FollowUpKind
from bot.engine.rule_ends import look
from bot.storage.follow_ups import follow_up, open_follow_ups
from tests.answers.conftest import Started, policy
from tests.answers.test_rules import INTERNAL
from tests.conftest import HandClock

END = datetime(2026, 12, 16, tzinfo=UTC)
EXPORT = policy("export", INTERNAL.replace("2026-11-21", "2026-12-15"))
MOMENT = timedelta(microseconds=1)


async def test_the_owner_owes_the_renewal_from_a_week_before_the_end_and_once(
    started: Started, clock: HandClock
) -> None:
    clock.move(END - timedelta(days=7) - MOMENT - clock())
    async with started(EXPORT) as pipeline:
        engine = pipeline.engine
        await look(engine)
        assert open_follow_ups(engine.store) == []
        clock.move(MOMENT)
        told = await look(engine)
        assert await look(engine, told) == frozenset()
        await look(engine)  # as another process does
        (owed,) = open_follow_ups(engine.store)
    assert (owed.kind, owed.owner, owed.until) == (FollowUpKind.RENEWAL, "jude", END)
    assert owed.title == "The rule internal of A policy ends"


@pytest.mark.parametrize("by", ["moved", "removed"])
@pytest.mark.either_database
async def test_a_load_without_that_end_settles_what_is_owed_for_it(
    started: Started, clock: HandClock, by: str
) -> None:
    """And another load with it does not, nor is anything else settled."""
    other = policy("other", INTERNAL.replace("2026-11-21", "2026-12-15").replace("internal,", "o,"))
    clock.move(END - timedelta(days=1) - clock())
    for _ in range(2):
        async with started(EXPORT + other) as pipeline:
            await look(pipeline.engine)
            owed = {each.policy_id: each.id for each in open_follow_ups(pipeline.engine.store)}
            assert set(owed) == {"export", "other"}
    changed = EXPORT.replace("2026-12-15", "2026-12-14") if by == "moved" else policy("export")
    async with started(changed + other) as pipeline:
        engine = pipeline.engine
        (still,) = open_follow_ups(engine.store)
        assert still.policy_id == "other"
        closed = follow_up(engine.store, owed["export"])
        assert closed
        assert closed.closure
        load = f"Load {engine.configuration} of the configuration"
        assert closed.closure.reason == f"{load} doesn't have this end any more."


async def test_of_what_has_ended_nobody_hears(started: Started, clock: HandClock) -> None:
    clock.move(END - timedelta(days=8) - clock())
    async with started(EXPORT) as pipeline:
        clock.move(timedelta(days=8))
        assert await look(pipeline.engine) == frozenset()
        assert open_follow_ups(pipeline.engine.store) == []

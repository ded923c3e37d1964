"""Who answers for a rule hears a week before it ends."""

from datetime import UTC, datetime, timedelta

from bot.domain.follow_up import FollowUpKind
from bot.engine.rule_ends import look
from bot.storage.follow_ups import open_follow_ups
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
    async with started(EXPORT.replace("2026-12-15", "2026-12-14")) as pipeline:
        await look(pipeline.engine)
        assert len(open_follow_ups(pipeline.engine.store)) == 2


async def test_of_what_has_ended_nobody_hears(started: Started, clock: HandClock) -> None:
    clock.move(END - timedelta(days=8) - clock())
    async with started(EXPORT) as pipeline:
        clock.move(timedelta(days=8))
        assert await look(pipeline.engine) == frozenset()
        assert open_follow_ups(pipeline.engine.store) == []

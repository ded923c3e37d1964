"""Governance debt that the database adds up is the debt of its parts one by one."""

from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain.policy import StormRule
from bot.domain.violation import Severity
from bot.domain.war_room import Category
from bot.engine.cases import governance_debt
from bot.measures.debt import Total
from bot.storage.database import Database
from tests.build import JUSTIFICATION, POLICY, acting, jude, report
from tests.conftest import HandClock, started

GRAVE = POLICY.model_copy(update={"id": "export", "severity": Severity.CRITICAL})
CALM = POLICY.model_copy(update={"storm": StormRule(rooms=500)})
CLASSES = {"export": "high"}
DAY = timedelta(days=1)


def _same(some: Total, other: Total) -> bool:
    return (some.open, some.exceptions, some.follow_ups) == (
        other.open,
        other.exceptions,
        other.follow_ups,
    ) and (some.weight, some.oldest_days) == pytest.approx((other.weight, other.oldest_days))


async def test_sums_are_those_of_the_parts_and_the_heaviest_are_listed(
    database: Database, clock: HandClock
) -> None:
    """Open rooms of several teams and severities, exceptions that hold, and some that ended."""
    async with started(database, clock, CALM, GRAVE) as engine:
        for number in range(12):
            policy, team = (CALM, GRAVE)[number % 2].id, (None, "search", "ads")[number % 3]
            about = report(policy=policy, team=team, dedup_key=f"{number}")
            room = (await engine.report(about, "violations", f"d{number}")).room
            if number % 4 == 0:
                days = timedelta(days=2 + number * 3)
                override = c.Override(
                    justification=JUSTIFICATION, category=Category.WAIVER, validity=days
                )
                await engine.handle(room.id, override, acting(jude.name))
            clock.move(timedelta(hours=5, minutes=number))
        clock.move(DAY)
        whole = governance_debt(engine.store, clock(), CLASSES)
        assert (whole.open, whole.exceptions, len(whole.ended)) == (9, 2, 1)
        for listed in (1, 2, 50):
            summed = governance_debt(engine.store, clock(), CLASSES, listed)
            assert _same(summed, whole)
            for parts in ("by_team", "by_risk_class"):
                here, there = getattr(summed, parts), getattr(whole, parts)
                assert list(here) == list(there)
                assert all(_same(here[name], there[name]) for name in there)
            assert summed.liabilities[:listed] == whole.liabilities[:listed]
            assert (summed.in_all, summed.ended_in_all) == (11, 1)
            assert summed.ended == whole.ended

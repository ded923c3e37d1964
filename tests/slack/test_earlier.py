"""What a card says of the decisions before on its subject."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain import commands as c
from bot.domain.earlier import MOST, EarlierRooms
from bot.domain.person import TIMEOUT
from bot.domain.violation import Origin, Subject
from bot.domain.war_room import Category, WarRoom
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.integrations.slack.show.earlier import line
from bot.integrations.slack.show.text import date
from bot.storage.earlier import earlier_rooms
from tests.build import APPROVE, JUSTIFICATION, acting, jude, report, room, val
from tests.conftest import HandClock
from tests.slack.hostile import LATER, after, rooms
from tests.slack.reading import assert_harmless

pytestmark = pytest.mark.either_database
WEEK = timedelta(days=7)
OVERRIDE = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=WEEK)
REPORTED: dict[str, Any] = {"subject": Subject(kind="model", name="ranker")}


async def test_the_third_time_in_a_month_is_told_with_the_last_decision(
    engine: Engine, clock: HandClock
) -> None:
    said = []
    for number in range(3):
        new = report(dedup_key=f"{number}", **REPORTED)
        room = (await engine.report(new, "violations", f"{number}")).room
        said.append(line(earlier_rooms(engine.store, room)))
        decided_at = clock()
        await engine.handle(room.id, OVERRIDE, acting(jude.name))
        clock.move(WEEK)
        await Clock(engine).sweep()
        clock.move(timedelta(days=1))
    last = decided_at - timedelta(days=8)
    assert said[0] == ""
    assert said[1].startswith("Second time in 30 days. Last: overridden by Jude, <!date^")
    assert said[2] == (
        f"Third time in 30 days. Last: overridden by Jude, {date(last)}, ended {date(last + WEEK)}."
    )


async def test_several_rooms_of_one_commit_are_one_time(engine: Engine, clock: HandClock) -> None:
    """What a check finds in one file of one commit happens once, however much it is."""
    said = []
    for number, commit in enumerate(("a" * 40, "a" * 40, "a" * 40, "b" * 40, "b" * 40)):
        new = report(dedup_key=f"{number}", origin=Origin(commit=commit), **REPORTED)
        room = (await engine.report(new, "violations", f"{number}")).room
        said.append(line(earlier_rooms(engine.store, room)))
        clock.move(timedelta(minutes=1))
    assert said == ["", "", "", "Second time in 30 days.", "Second time in 30 days."]


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            after(room(), OVERRIDE, jude.name),
            f"overridden by Jude, {date(LATER)}, valid until ",
        ),
        (after(room(), APPROVE, val.name), f"approved by Val, {date(LATER)}, valid until "),
        (
            after(room(), c.Expire(), TIMEOUT, room().expires_at),
            f"expired since nobody decided in time (block), {date(room().expires_at)}.",
        ),
    ],
)
def test_each_end_has_its_words(last: WarRoom, said: str) -> None:
    assert line(EarlierRooms(last=last)).startswith(f"Last: {said}")


@pytest.mark.parametrize(
    ("count", "times"),
    [
        (1, "Second time"),
        (9, "Tenth time"),
        (10, "11 times"),
        (MOST - 1, f"{MOST} times"),
        (MOST, f"More than {MOST} times"),
    ],
)
def test_how_often_is_counted_with_this_one(count: int, times: str) -> None:
    assert line(EarlierRooms(count=count)) == f"{times} in 30 days."


@settings(max_examples=30, deadline=None)
@given(rooms())
def test_whatever_was_decided_is_said_harmlessly(last: WarRoom) -> None:
    text = line(EarlierRooms(1, last))
    assert len(text) < 600
    assert_harmless([text])

"""When the clock does what."""

from datetime import timedelta

from bot.domain import commands as c
from bot.domain.ladder import due_command, next_timer
from bot.domain.lifecycle import Step, decide
from bot.domain.policy import Rung
from bot.domain.war_room import SYSTEM, WarRoom
from tests.build import ADA, BEA, JUDE, POLICY, START, VAL, VIV, room

HOUR = timedelta(hours=1)


def _escalated(
    before: WarRoom, after: timedelta
) -> tuple[WarRoom, list[tuple[Rung, tuple[str, ...]]]]:
    step = decide(before, c.Escalate(), SYSTEM, POLICY, START + after)
    assert isinstance(step, Step)
    events = [recorded.event for recorded in step.events]
    return step.room, [(e.rung, e.notify) for e in events if e.kind == "escalated"]


def test_the_default_ladder_reminds_at_a_quarter_pages_at_half_and_calls_last_at_nine_tenths() -> (
    None
):
    current, seen = room(), []
    for minutes in (60, 120, 216):
        timer = next_timer(current, POLICY)
        assert timer
        assert timer.due_at == START + timedelta(minutes=minutes)
        current, rungs = _escalated(current, timedelta(minutes=minutes))
        seen += rungs
    assert seen == [
        (Rung.REMIND, (ADA, VAL, JUDE)),
        (Rung.PAGE_BACKUP, (VIV, BEA)),
        (Rung.LAST_CALL, (VAL, VIV, JUDE, BEA)),
    ]
    timer = next_timer(current, POLICY)
    assert timer
    assert (timer.kind, timer.due_at) == ("expire", START + POLICY.window)


def test_only_who_has_not_acknowledged_is_reminded() -> None:
    step = decide(room(), c.Acknowledge(), VAL, POLICY, START)
    assert isinstance(step, Step)
    assert _escalated(step.room, HOUR)[1] == [(Rung.REMIND, (ADA, JUDE))]


def test_nothing_is_due_a_moment_too_early() -> None:
    assert due_command(room(), POLICY, START + HOUR - timedelta(microseconds=1)) is None
    assert isinstance(due_command(room(), POLICY, START + HOUR), c.Escalate)


def test_past_the_deadline_nobody_is_reminded_of_what_is_over() -> None:
    assert isinstance(due_command(room(), POLICY, START + 4 * HOUR), c.Expire)


def test_an_extension_moves_the_ladder_and_repeats_only_what_lies_ahead_again() -> None:
    current = _escalated(room(), timedelta(minutes=216))[0]
    now = START + timedelta(minutes=220)
    step = decide(current, c.Extend(by=4 * HOUR, reason="Legal is asleep."), JUDE, POLICY, now)
    assert isinstance(step, Step)
    timer = next_timer(step.room, POLICY)
    assert timer
    assert (timer.kind, timer.due_at) == ("page_backup", START + 4 * HOUR)


def test_a_decided_room_closes_once_its_result_was_there_long_enough() -> None:
    step = decide(room(), c.Approve(), VAL, POLICY, START + HOUR)
    assert isinstance(step, Step)
    shown_until = START + HOUR + POLICY.archive_after
    assert due_command(step.room, POLICY, shown_until - timedelta(seconds=1)) is None
    assert isinstance(due_command(step.room, POLICY, shown_until), c.Close)
    closed = decide(step.room, c.Close(), SYSTEM, POLICY, shown_until)
    assert isinstance(closed, Step)
    assert next_timer(closed.room, POLICY) is None

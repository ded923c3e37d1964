"""When the clock does what."""

from datetime import timedelta

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.ladder import due_command, next_timer
from bot.domain.person import SYSTEM
from bot.domain.policy import Rung
from bot.domain.war_room import WarRoom
from tests.build import POLICY, START, ada, bea, decide, jude, room, val, viv

HOUR = timedelta(hours=1)


def _escalated(
    before: WarRoom, after: timedelta
) -> tuple[WarRoom, list[tuple[Rung, tuple[str, ...]]]]:
    step = decide(before, c.Escalate(), SYSTEM, POLICY, START + after)
    assert isinstance(step, Step)
    events = [recorded.event for recorded in step.events]
    return step.after, [(e.rung, e.notify) for e in events if e.kind == "escalated"]


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
        (Rung.REMIND, (ada.name, val.name, jude.name)),
        (Rung.PAGE_BACKUP, (viv.name, bea.name)),
        (Rung.LAST_CALL, (val.name, viv.name, jude.name, bea.name)),
    ]
    timer = next_timer(current, POLICY)
    assert timer
    assert (timer.name, timer.due_at) == ("expire", START + POLICY.window)


def test_only_who_has_not_acknowledged_is_reminded() -> None:
    step = decide(room(), c.Acknowledge(), val.name, POLICY, START)
    assert isinstance(step, Step)
    assert _escalated(step.after, HOUR)[1] == [(Rung.REMIND, (ada.name, jude.name))]


def test_nothing_is_due_a_moment_too_early() -> None:
    assert due_command(room(), POLICY, START + HOUR - timedelta(microseconds=1)) is None
    assert isinstance(due_command(room(), POLICY, START + HOUR), c.Escalate)


def test_past_the_deadline_nobody_is_reminded_of_what_is_over() -> None:
    assert isinstance(due_command(room(), POLICY, START + 4 * HOUR), c.Expire)


def test_an_extension_moves_the_ladder_and_repeats_only_what_lies_ahead_again() -> None:
    current = _escalated(room(), timedelta(minutes=216))[0]
    now = START + timedelta(minutes=220)
    step = decide(current, c.Extend(by=4 * HOUR, reason="Legal is asleep."), jude.name, POLICY, now)
    assert isinstance(step, Step)
    timer = next_timer(step.after, POLICY)
    assert timer
    assert (timer.name, timer.due_at) == ("page_backup", START + 4 * HOUR)


def test_a_decided_room_closes_once_its_result_was_there_long_enough() -> None:
    step = decide(room(), c.Approve(), val.name, POLICY, START + HOUR)
    assert isinstance(step, Step)
    shown_until = START + HOUR + POLICY.archive_after
    assert due_command(step.after, POLICY, shown_until - timedelta(seconds=1)) is None
    assert isinstance(due_command(step.after, POLICY, shown_until), c.Close)
    closed = decide(step.after, c.Close(), SYSTEM, POLICY, shown_until)
    assert isinstance(closed, Step)
    assert next_timer(closed.after, POLICY) is None

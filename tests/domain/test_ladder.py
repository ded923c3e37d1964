"""When the clock does what."""

from datetime import datetime, timedelta

import pytest

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import excepted
from bot.domain import reported as r
from bot.domain.aggregate import Step, Timer
from bot.domain.ladder import due_command, next_timer
from bot.domain.person import SYSTEM
from bot.domain.policy import Rung
from bot.domain.refusal import Refusal
from bot.domain.war_room import Category, WarRoom
from tests.build import (
    APPROVE,
    JUSTIFICATION,
    POLICY,
    START,
    ada,
    bea,
    decide,
    jude,
    room,
    shown,
    val,
    viv,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


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
    step = decide(room(), APPROVE, val.name, POLICY, START + HOUR)
    assert isinstance(step, Step)
    assert next_timer(step.after, POLICY) is None
    seen = shown(step.after, START + 5 * HOUR)
    shown_until = START + 5 * HOUR + POLICY.archive_after
    assert due_command(seen, POLICY, shown_until - timedelta(seconds=1)) is None
    assert isinstance(due_command(seen, POLICY, shown_until), c.Close)
    closed = decide(seen, c.Close(), SYSTEM, POLICY, shown_until)
    assert isinstance(closed, Step)
    assert next_timer(closed.after, POLICY) is None


def _overridden(validity: timedelta) -> WarRoom:
    """A room in which the backup has made an exception in its first hour."""
    command = c.Override(
        justification=JUSTIFICATION, category=Category.MITIGATED, validity=validity
    )
    step = decide(room(), command, bea.name, POLICY, START + HOUR)
    assert isinstance(step, Step)
    return step.after


def _tick(before: WarRoom, at: datetime) -> WarRoom:
    command = due_command(before, POLICY, at)
    assert command
    step = decide(before, command, SYSTEM, POLICY, at)
    assert isinstance(step, Step)
    return step.after


def test_owner_and_adjudicator_are_told_of_an_end_each_once() -> None:
    """Ahead, unless a follow-up asks the owner, and at the end; where nobody waits, nobody."""
    by_backup, end = _overridden(7 * DAY), START + HOUR + 7 * DAY
    own = decide(
        room(),
        c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=7 * DAY),
        jude.name,
        POLICY,
        START,
    )
    assert isinstance(own, Step)
    for before, command, told in (
        (by_backup, excepted.WarnOfEnd(ends_at=end, owner=bea), (bea.name, jude.name)),
        (by_backup, excepted.EndException(ended_at=end, owner=bea), (bea.name, jude.name)),
        (by_backup, excepted.WarnOfEnd(ends_at=end, owner=bea, owner_asked=True), (jude.name,)),
        (own.after, excepted.WarnOfEnd(ends_at=end, owner=jude, owner_asked=True), ()),
        (own.after, excepted.WarnOfEnd(ends_at=end, owner=jude), (jude.name,)),
        (own.after, excepted.EndException(ended_at=end, owner=jude, quiet=True), ()),
    ):
        step = decide(before, command, SYSTEM, POLICY, end)
        assert isinstance(step, Step)
        event = step.events[0].event
        assert isinstance(event, e.ExceptionEnding | e.ExceptionEnded)
        assert event.notify == told


def test_an_exception_ends_once_in_a_closed_room_too_and_closing_waits_for_no_exception() -> None:
    current = shown(_overridden(7 * DAY), START + 2 * HOUR)
    timer = next_timer(current, POLICY)
    assert timer
    assert timer.name == "close"
    current, end = _tick(current, timer.due_at), START + HOUR + 7 * DAY
    assert next_timer(current, POLICY) is None
    ended = decide(current, excepted.EndException(ended_at=end, owner=bea), SYSTEM, POLICY, end)
    assert isinstance(ended, Step)
    assert ended.after.exception_ended_at == end
    for command in (
        excepted.WarnOfEnd(ends_at=end, owner=bea),
        excepted.EndException(ended_at=end, owner=bea),
    ):
        assert isinstance(decide(ended.after, command, SYSTEM, POLICY, end), Refusal)
    for outcome in (c.Dismiss(reason="It is synthetic."), c.Reject(reason="It may not be used.")):
        settled = decide(room(), outcome, jude.name, POLICY, START + HOUR)
        assert isinstance(settled, Step)
        command = excepted.EndException(ended_at=end, owner=bea)
        assert isinstance(decide(settled.after, command, SYSTEM, POLICY, end), Refusal)


def test_a_room_closes_only_once_everybody_was_let_in_and_the_result_stood_long_enough() -> None:
    gone = r.RecordUnreachable(name=jude.name, error="user_disabled")  # bea, the backup, is needed
    passed_over = decide(room(), gone, SYSTEM, POLICY, START)
    assert isinstance(passed_over, Step)
    step = decide(passed_over.after, APPROVE, val.name, POLICY, START)
    assert isinstance(step, Step)
    current, later = step.after, START + timedelta(days=9)
    orders: tuple[c.Command, ...] = (
        r.RecordInvited(names=(ada.name, val.name, viv.name)),
        r.RecordResult(),
    )
    for order in orders:
        step = decide(current, order, SYSTEM, POLICY, later)
        assert isinstance(step, Step)
        current = step.after
        assert next_timer(current, POLICY) is None
        assert isinstance(decide(current, c.Close(), SYSTEM, POLICY, later + 9 * DAY), Refusal)
    step = decide(current, r.RecordInvited(names=(bea.name,)), SYSTEM, POLICY, later + DAY)
    assert isinstance(step, Step)
    assert next_timer(step.after, POLICY) == Timer("close", later + DAY + POLICY.archive_after)


@pytest.mark.parametrize(
    "order",
    [
        r.RecordChannelLost(error="is_archived"),
        r.RecordDropped(
            effect="invite", to="channel", error="not_in_channel", why="Kicked.", operator="root"
        ),
    ],
    ids=lambda order: type(order).__name__,
)
def test_a_room_that_nobody_can_be_let_into_closes_all_the_same(order: c.Command) -> None:
    step = decide(room(), APPROVE, val.name, POLICY, START)
    assert isinstance(step, Step)
    lost = decide(step.after, order, SYSTEM, POLICY, START + HOUR)
    assert isinstance(lost, Step)
    assert next_timer(lost.after, POLICY) == Timer("close", START + HOUR + POLICY.archive_after)


def test_dropping_anything_else_gives_up_no_reader() -> None:
    step = decide(room(), APPROVE, val.name, POLICY, START)
    assert isinstance(step, Step)
    order = r.RecordDropped(effect="pin_card", to="channel", error="x", why="So.", operator="root")
    dropped = decide(step.after, order, SYSTEM, POLICY, START)
    assert isinstance(dropped, Step)
    assert next_timer(dropped.after, POLICY) is None


def test_a_room_that_an_earlier_version_opened_closes_by_its_decision() -> None:
    step = decide(room().but(awaits_readers=False), APPROVE, val.name, POLICY, START)
    assert isinstance(step, Step)
    assert next_timer(step.after, POLICY) == Timer("close", START + POLICY.archive_after)

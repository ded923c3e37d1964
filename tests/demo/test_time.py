"""The demo's clock: it is only moved ahead, and everybody goes by it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.demo.movable_clock import DemoClock
from bot.demo.pipeline import NOTHING_DUE
from bot.demo.steps import LOOK_SECONDS, ClockSteps
from bot.domain import reported as r
from bot.domain.countdown import countdown
from bot.domain.person import BY_SYSTEM
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.engine.wakeups import Wakeups
from bot.errors import UsageError
from bot.storage.database import Database
from tests.approving import approve
from tests.build import BEA, JUDE, JUSTIFICATION, POLICY, VAL, config, report
from tests.demo.conftest import Demo, running
from tests.outgoing import FOLLOWING

BAD = ("-86400", "NaN", "Infinity", "1e13", '"60"', "null")


def test_it_is_moved_ahead_and_never_back(tmp_path: Path) -> None:
    clock, woken = DemoClock(), list[str]()
    clock.on_move(lambda: woken.append("woken"))
    clock.move(timedelta(minutes=5))
    assert timedelta(minutes=5) <= clock() - datetime.now(UTC) + timedelta(seconds=1)
    with pytest.raises(ValueError, match="only moved ahead"):
        clock.move(timedelta(seconds=-1))
    assert (clock.ahead, woken) == (timedelta(minutes=5), ["woken"])


def test_what_it_is_ahead_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    DemoClock(file).move(timedelta(seconds=90.5))
    clock = DemoClock(file)
    clock.move(timedelta(seconds=1))
    assert DemoClock(file).ahead == timedelta(seconds=91.5)


@pytest.mark.parametrize("kept", ["{}", "[]", "x", *(f'{{"ahead_seconds": {n}}}' for n in BAD)])
def test_what_is_no_clock_that_was_moved_ahead_is_refused(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "clock.json"
    file.write_text(kept)
    with pytest.raises(UsageError, match=r"clock\.json .*remove it"):
        DemoClock(file)


def test_a_move_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    clock, woken = DemoClock(tmp_path / "gone" / "clock.json"), list[str]()
    clock.on_move(lambda: woken.append("woken"))
    with pytest.raises(OSError, match="gone"):
        clock.move(timedelta(minutes=1))
    assert (clock.ahead, woken) == (timedelta(0), [])


async def test_a_skip_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    async with running(tmp_path / "kept") as demo:
        (tmp_path / "kept" / "clock.new").mkdir()
        answer = await demo.web.post("/pipeline/skip", json={"seconds": 60})
        assert answer.status_code == 500
        assert "can't be kept" in answer.json()["said"]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "0 s"),
        (28, "28 s"),
        (59.6, "1 min"),
        (598, "9 min 58 s"),
        (3600, "1 h"),
        (3723, "1 h 2 min"),
        (86400, "1 d"),
        (2591999, "29 d 23 h"),
    ],
)
def test_a_countdown_says_how_long_it_still_takes(seconds: float, shown: str) -> None:
    assert countdown(seconds) == shown


async def test_skipping_takes_each_step_of_a_room_in_turn(demo: Demo) -> None:
    answer = await demo.taken("grave-drift")
    name = demo.channel(answer)
    steps = ("the reminder", "the page to the backup", "the last call", "the expiry")
    for step in steps:
        await demo.shows("Next, in", f": {step} in #{name}")
        said = await demo.skip()
        assert f"to {step} in {name}" in said
    shown = await demo.shows("block", "Expired by the clock", "No clock runs.")
    assert "Nobody decided within 10 min" in shown
    told = await demo.stage.people.wait_for_message(
        user=BEA, channel=name, holds=lambda m: not m.pinned and "Expired" in m.words
    )
    assert float(told.ts) == pytest.approx(demo.stage.clock.unix(), abs=30)


@pytest.mark.either_database
async def test_a_skip_is_over_once_its_step_was_taken_whatever_else_happens(
    database: Database,
) -> None:
    clock, moved = DemoClock(), asyncio.Event()
    clock.on_move(moved.set)
    wakeups = Wakeups(asyncio.get_running_loop())
    engine = Engine(database, config(POLICY), clock, wakeups, FOLLOWING)
    await engine.start("tests")
    room = (await engine.report(report(), "violations", "d1")).room
    steps = ClockSteps(engine, clock, lambda: None)
    skip = asyncio.create_task(steps.skip())
    await moved.wait()
    await engine.handle(room.id, r.RecordChannel(channel="C1"), BY_SYSTEM)
    done, _ = await asyncio.wait({skip}, timeout=3 * LOOK_SECONDS)
    assert not done
    assert await Clock(engine).sweep() == 1
    step = await skip
    await steps.look()
    assert step
    assert (step.name, steps.next and steps.next.name) == ("the reminder", "the page to the backup")
    await asyncio.to_thread(engine.stop)


async def test_a_skip_by_minutes_passes_all_steps_in_between(demo: Demo) -> None:
    await demo.taken("fine-tuning")
    assert await demo.skip(seconds=1800) == "Skipped 30 min ahead."
    await demo.shows("block", "Expired by the clock", "30 min ahead of yours")


async def test_after_a_skip_what_is_sent_is_taken_and_can_be_decided(demo: Demo) -> None:
    """Webhooks are signed with the demo's time, Slack's requests with the real one."""
    await demo.skip(seconds=3600)
    for example in ("fine-tuning", "export"):
        await demo.taken(example)
    answer = await demo.taken("drift")
    name = demo.channel(answer)
    await demo.stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda message: message.pinned
    )
    done = await approve(demo.stage.people, user=VAL, channel=name)
    assert done.answer
    assert done.answer.status == 200
    await demo.shows("allow", "Approved by Val Osei")


async def test_while_an_exception_holds_its_warning_and_its_end_can_be_skipped_to(
    demo: Demo,
) -> None:
    answer = await demo.taken("fine-tuning")
    name, people = demo.channel(answer), demo.stage.people
    await people.wait_for_message(user=JUDE, channel=name, holds=lambda message: message.pinned)
    await people.click(user=JUDE, channel=name, action_id="override")
    modal = await people.wait_for_modal(user=JUDE, callback_id="override_modal")
    values = {"justification": JUSTIFICATION, "category": "waiver", "validity": "7d"}
    await people.submit(user=JUDE, view_id=modal.id, values=values)
    await demo.shows("allow", "Holds for")
    steps = (
        "the archiving of the channel",
        "the warning that the exception ends",
        "the end of the exception",
    )
    for step in steps:
        assert NOTHING_DUE not in await demo.shows("Next, in", f": {step} in #{name}")
        assert f"to {step} in {name}" in await demo.skip()
    await demo.shows("block", "The exception has ended.", NOTHING_DUE)


async def test_with_nothing_due_there_is_nothing_to_skip_to(demo: Demo) -> None:
    await demo.shows("No clock runs. Send a violation.")
    assert 'id="pipeline-skip" data-skip aria-describedby="pipeline-next" disabled' in (
        demo.stage.pipeline.live()
    )
    answer = await demo.web.post("/pipeline/skip", json={})
    assert (answer.status_code, answer.json()) == (
        409,
        {"said": "No clock runs. Send a violation."},
    )


@pytest.mark.parametrize("seconds", [0, -60, 1e12, "x"])
async def test_no_skip_goes_back_or_beyond_a_week(demo: Demo, seconds: object) -> None:
    answer = await demo.web.post("/pipeline/skip", json={"seconds": seconds})
    assert answer.status_code == 400
    assert demo.stage.clock.ahead == timedelta(0)

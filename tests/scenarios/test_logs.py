"""The log of one room's life: its id finds all of it, and nothing that was written is in it."""

import json
from datetime import timedelta

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot.domain.lifecycle import WAR_ROOM
from bot.engine.clock import Clock
from bot.engine.engine import Engine
from bot.storage.transaction import Stream
from tests.build import ADA, JUDE, JUSTIFICATION, NAMES, VAL, report
from tests.conftest import HandClock
from tests.staging.environment import GITHUB_SECRET, SECRET, TOKEN
from tests.staging.pipeline import channel
from tests.staging.stage import Stage

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("fresh_loggers")]

OF_A_ROOM = ("effect.", "clock.", "action.", "submission.", "violation.", "modal.", "answer.")


async def test_every_line_of_a_rooms_life_has_its_id_and_no_line_has_what_was_written(
    stage: Stage,
) -> None:
    with capture_logs(processors=(merge_contextvars,)) as lines:
        room = await _life(stage)
    names = {line["event"] for line in lines}
    assert names >= {
        "violation.reported",
        "effect.delivered",
        "effect.put_off",
        "effect.passed_over",
        "effect.parked",
        "clock.timer_fired",
        "action.done",
        "action.refused",
        "modal.not_opened",
        "submission.done",
    }
    for line in lines:
        if line["event"].startswith(OF_A_ROOM):
            assert line["room"] == room, line
        if line["event"].startswith("effect."):
            assert isinstance(line["effect"], int), line
            assert line["kind"], line
        if line["event"].startswith("action."):
            assert line["action"], line
            assert line["user"] in NAMES.values(), line
    written = json.dumps(lines, default=repr)
    bot = stage.app.settings
    for hidden in (
        JUSTIFICATION,
        "customers_eu",
        SECRET,
        TOKEN,
        GITHUB_SECRET,
        bot.slack_bot_token.get_secret_value(),
        bot.slack_signing_secret.get_secret_value(),
    ):
        assert hidden not in written


async def _life(stage: Stage) -> str:
    """A room with all that goes wrong in one, until it is overridden."""
    await stage.people.fault("http", method="conversations.create", status=503, times=1)
    await stage.people.fault("error", method="pins.add", error="unknown_method", times=1)
    await stage.people.fault("error", method="chat.update", error="cant_update_message", times=1)
    answer = await stage.send()
    name = channel(answer)
    stage.move(timedelta(seconds=10))
    await stage.people.wait_for_message(
        user=JUDE, channel=name, holds=lambda message: "override" in message.action_ids
    )
    await stage.paged(ADA, VAL, JUDE)
    stage.move(timedelta(hours=1))
    await stage.told(JUDE, 2)
    await stage.people.click(user=VAL, channel=name, action_id="ack")
    await stage.people.click(user=VAL, channel=name, action_id="override")
    await stage.people.fault("error", method="views.open", error="expired_trigger_id", times=1)
    await stage.people.click(user=JUDE, channel=name, action_id="override")
    await stage.people.click(user=JUDE, channel=name, action_id="override")
    modal = await stage.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    values = {"justification": JUSTIFICATION, "category": "waiver", "validity": "7d"}
    await stage.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert (await stage.gate(answer["violation_id"], wait=5))["outcome"] == "overridden"
    await stage.buttonless(ADA)
    return str(answer["room_id"])


async def test_a_timer_is_logged_with_its_room_and_that_of_another_stream_with_its_kind(
    engine: Engine, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = (await engine.report(report(), "violations", "d1")).room.id
    clock.move(timedelta(hours=1))
    due = [[Stream(WAR_ROOM.kind, room_id), Stream("covenant", "x1")], []]
    monkeypatch.setattr(engine.store, "timers_due", lambda *_: due.pop(0))
    with capture_logs() as lines:
        await Clock(engine).sweep()
    fields = [
        {name: line.get(name) for name in ("event", "room", "stream", "id")} for line in lines
    ]
    fired = {"event": "clock.timer_fired", "room": room_id, "stream": None, "id": None}
    failed = {"event": "clock.timer_failed", "room": None, "stream": "covenant", "id": "x1"}
    assert (fired in fields, failed in fields) == (True, True), lines

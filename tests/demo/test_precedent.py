"""What a new demo begins with: a decided room, and the talk of it in `#general`."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo import precedent
from bot.domain.war_room import Outcome
from bot.local_slack import SlackMessage
from tests.build import VAL
from tests.demo.conftest import Demo, running


async def talk(demo: Demo) -> tuple[SlackMessage, ...]:
    """What stands in `#general`."""
    return await demo.stage.people.messages(VAL, "general")


async def test_what_general_says_is_in_the_record_and_waits_for_nobody() -> None:
    async with running(with_precedent=True) as demo:
        engine = demo.stage.app.engine
        [violation] = engine.store.violations_from(["violations"], 10)
        room = engine.store.room_of_violation(violation.id)
        assert room
        assert room.decision
        assert (room.decision.outcome, room.decision.by) == (Outcome.APPROVED, "val")
        subject = room.violation.report.subject
        took = (room.decision.at - room.opened_at) // timedelta(minutes=1)
        stopped, settled, *thread = [message.text for message in await talk(demo)]
        assert f"my export of {subject.name} {subject.version}" in stopped
        assert f"I approved it {took} minutes after" in settled
        assert len(thread) == 2
        await demo.shows("allow", "Approved by Val Osei", "send a violation", "No clock runs.")
        assert demo.stage.clock.ahead == timedelta(0)
        assert engine.now() - room.decision.at > timedelta(hours=15)
        for user in ("U0ADA", "U0VAL", "U0JUDE", "U0BACK"):
            found = await demo.stage.people.channels(user)
            assert [(c.unread, c.is_archived) for c in found] == [(0, False)] * len(found)


async def test_a_folder_has_it_once(tmp_path: Path) -> None:
    for _ in range(2):
        async with running(tmp_path, with_precedent=True) as demo:
            assert len(await talk(demo)) == 4
            assert demo.stage.clock.ahead == timedelta(0)


async def test_what_went_on_without_it_does_not_get_it(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    async with running(tmp_path, with_precedent=True) as demo:
        assert not await talk(demo)


async def test_where_it_cannot_be_played_the_demo_begins_without_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It claims no decision that was not taken, and the clock has come to now."""
    monkeypatch.setattr(precedent, "REASON", "")
    async with running(with_precedent=True) as demo:
        assert not [message for message in await talk(demo) if "Settled" in message.text]
        assert demo.stage.clock.ahead == timedelta(0)
        assert (await demo.send("drift"))["status"] == 202

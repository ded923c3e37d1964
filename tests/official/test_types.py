"""Every call, answer and event of a whole story is of the types that Slack's own SDK publishes."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.demo import story
from bot.demo.stage import Stage, stage
from bot.local_slack import METHODS, SlackCall
from tests.local_slack.support import Json
from tests.official.tour import toured
from tests.official.typed import complaints, why_not

MESSAGE = {"channel": "C1", "text": "x"}
IDS = itertools.count(1)
pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


async def played(monkeypatch: pytest.MonkeyPatch) -> list[SlackCall]:
    """The log of calls, once the story has ended."""
    calls: list[SlackCall] = []

    @asynccontextmanager
    async def logged(**given: Any) -> AsyncIterator[Stage]:  # noqa: ANN401 - the stage's own
        async with stage(**given) as here:
            yield here
            calls.extend(await here.people.calls())

    monkeypatch.setattr(story, "stage", logged)
    told: list[str] = []
    assert await story.play(told.append) == 0, "\n".join(told)
    return calls


async def test_a_whole_story_is_of_the_published_types(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = await played(monkeypatch)
    assert {"chat.postMessage", "chat.update", "views.open", "message"} <= {
        call.method for call in calls
    }
    assert complaints(calls, tmp_path) == []


async def test_every_method_and_event_is_of_the_published_types(tmp_path: Path) -> None:
    calls = await toured()
    assert set(METHODS) <= {call.method for call in calls}
    assert complaints(calls, tmp_path) == []


def test_what_is_of_another_type_is_complained_of(tmp_path: Path) -> None:
    """So that no complaint above means something."""
    divider = {"type": "divider", "text": "x"}
    logged = [
        call("chat.postMessage", MESSAGE, {"ok": True, "ts": 1}),
        call("chat.update", {**MESSAGE, "ts": "1.0", "blocks": [divider]}, {"ok": True}),
        call("pins.add", {"channel": "C1", "timestamp": "1.0", "colour": "red"}, {"ok": True}),
        call("reactions.add", {"name": "eyes"}, {"ok": True}),
        call("auth.test", {}, {"ok": True, "who": "me"}),
        call("users.info", {"user": "U1"}, {"ok": True, "user": {"id": "U1"}}),
        call("message", {"type": "event_callback", "event": {"type": "message", "text": "x"}}, ""),
    ]
    assert {said.partition(":")[0] for said in complaints(logged, tmp_path)} == {
        "the answer to chat.postMessage",
        "chat.update",
        "pins.add",
        "reactions.add",
        "the answer to auth.test",
        "the event message",
    }


def call(method: str, arguments: Json, answer: object) -> SlackCall:
    given = {"method": method, "arguments": arguments, "answer": answer, "status": 200}
    direction = "to_slack" if method in METHODS else "to_bot"
    when = {"started": 0, "seconds": 0}
    return SlackCall.model_validate({"id": next(IDS), "direction": direction, **given, **when})

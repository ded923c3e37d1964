"""How far the bot's ways are: the files that are entered from what happens to what is seen.

Slack tells the bot of each message in its rooms, its own too: what hears them is among the files.
Parts of the bot that a way doesn't lead through are stopped first, as what they enter and when is
chance.
"""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest
from sqlalchemy import func, select

import bot
from bot.local_slack import SlackState
from bot.storage import tables as t
from tests.build import ADA, JUDE, VAL
from tests.staging.pipeline import channel
from tests.staging.stage import Stage

# Of loggers that a command has configured before, the files would count too.
pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("fresh_loggers")]

BOT = Path(bot.__file__).parent
# What is played on this machine, and what writes the log: libraries write there by chance.
# The log of the record too: a look for what has no leaf ends in its thread once its task is gone.
BESIDE = (
    *("local_slack/", "local_wire/", "logs.py", "domain/clean_text.py"),
    *("evidence/", "storage/log.py"),
)


class Tracer:
    """Notes the bot's files in which a function is called, in all threads that start after it."""

    def __init__(self) -> None:
        self._entered: set[str] = set()
        self._notes = False

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """A profile function, see `sys.setprofile`."""
        if self._notes and event == "call":
            self._entered.add(frame.f_code.co_filename)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Note what is entered until the block ends."""
        self._entered.clear()
        self._notes = True
        sys.setprofile(self.note)
        try:
            yield
        finally:
            sys.setprofile(None)
            self._notes = False

    @property
    def files(self) -> set[str]:
        """Their paths in the bot's folder; what stands beside it doesn't count."""
        inside = (Path(name) for name in self._entered if Path(name).is_relative_to(BOT))
        paths = {path.relative_to(BOT).as_posix() for path in inside}
        return {path for path in paths if not path.startswith(BESIDE)}


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    tracer = Tracer()
    threading.setprofile(tracer.note)
    yield tracer
    threading.setprofile(None)


async def only(stage: Stage, *names: str) -> None:
    """Stop the parts of the bot that have none of these names, and what they have begun."""
    others = [task for task in stage.here.tasks if task.get_name() not in names]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await stage.app.engine.write(lambda _: None)


async def delivered(stage: Stage) -> None:
    """Return once nothing is left to deliver."""
    count = select(func.count()).select_from(t.effects)
    ask = stage.app.engine.store.ask
    await stage.people.wait_for(lambda _: ask(lambda asked: asked.execute(count).scalar()) == 0)


async def test_from_a_webhook_to_the_delivered_pages(tracer: Tracer, stage: Stage) -> None:
    await only(stage, "web", "outbox", "notifications")
    with tracer.on():
        await stage.send()
        await stage.paged(ADA, VAL, JUDE)
    assert len(tracer.files) <= 123, sorted(tracer.files)


async def test_from_a_click_to_its_ack(tracer: Tracer, stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await delivered(stage)
    await only(stage, "web")
    with tracer.on():
        await stage.people.click(user=VAL, channel=channel(answer), action_id="ack")
    assert len(tracer.files) <= 54, sorted(tracer.files)


async def test_from_a_due_timer_to_the_last_that_is_told(tracer: Tracer, stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await delivered(stage)
    await only(stage, "web", "clock", "outbox", "notifications")

    def messages(state: SlackState) -> int:
        room = state.channel(channel(answer))
        return len(room.messages) if room else 0

    before = messages(await stage.people.state())
    with tracer.on():
        stage.move(timedelta(hours=4))
        await stage.people.wait_for(lambda state: messages(state) > before)
        await delivered(stage)
    assert len(tracer.files) <= 97, sorted(tracer.files)

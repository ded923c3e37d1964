"""`make pictures`: the pictures of the README and the docs, of the demo as it is.

Rules
- Everything goes through the bot and the local Slack; the clock begins at a fixed moment, and each
  step is taken at a fixed one. So the cards are the same each time; the page's clock runs on.
- A script's check is the command itself, a process with the time of its own: the clock is that.
- The card is taken in each of its states, as Val sees it, in every window: `card-STATE-WINDOW.png`.
"""

import asyncio
import logging
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

from playwright.async_api import Browser, Page, async_playwright

from bot import logs
from bot.demo.acting import checked, order, send
from bot.demo.following import all_told
from bot.demo.movable_clock import DemoClock
from bot.demo.stage import Stage, stage
from bot.domain.aggregate import Step
from bot.domain.commands import Acknowledge, Command, Explain, Override, RequestInfo
from bot.domain.war_room import Category, WarRoom
from tests.browser.chromium import arguments, executable
from tests.browser.demo import ZONE
from tests.browser.window import EVERY, LAPTOP, Window
from tests.build import ADA, JUDE, VAL
from tests.small_png import small

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
BEGINS = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SHARPNESS = 1.5
TALL = 1600
STORM = 14  # violations: ten get rooms of their own
MINUTE = timedelta(minutes=1)
SAID = "It is for the pilot with the customer; the weights hold no personal data."
QUESTION = "Which contract covers the customer, and until when?"
ANSWER = "The pilot's, of 3 November: for this version, until tonight."
JUSTIFICATION = (
    "The pilot's contract covers this version until tonight; the customer deletes the weights then."
)


class Chance:
    """What stands in for `secrets`: the same numbers each time."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.randbits, self.randbelow = self._random.getrandbits, self._random.randrange

    def token_hex(self, count: int) -> str:
        return self._random.randbytes(count).hex()


class Studio:
    """A demo, and a camera in front of it."""

    def __init__(self, here: Stage, browser: Browser) -> None:
        self.here, self._browser = here, browser
        self.engine = here.app.engine
        self.taken: dict[str, bytes] = {}

    def at(self, minutes: float) -> None:
        """Move the clock to so many minutes after the beginning."""
        self.here.clock.move(BEGINS + minutes * MINUTE - self.here.clock())

    async def does(self, user: str, command: Command, room_id: str) -> None:
        """Somebody does something; everybody has been told of it then."""
        done = await self.engine.handle(room_id, command, self.engine.people.acting(user))
        assert isinstance(done, Step), done
        await all_told(self.engine, room_id)

    async def room(self, room_id: str) -> WarRoom:
        """The room, once everybody has been told what there is to tell."""
        await all_told(self.engine, room_id)
        room = await asyncio.to_thread(self.engine.store.room, room_id)
        assert room
        assert room.channel
        return room

    async def card(self, state: str, room_id: str) -> None:
        """A picture of a room's card in each window."""
        for window in EVERY:
            page = await self._page(window, TALL, VAL, await self.room(room_id))
            await page.mouse.move(0, 0)  # nothing is pointed at
            shot = await page.locator("#messages .pinned").screenshot()
            self.taken[f"card-{state}-{window}.png"] = shot
            await page.context.close()

    async def whole(self, room_id: str) -> None:
        """A picture of the whole page."""
        page = await self._page(LAPTOP, LAPTOP.height, JUDE, await self.room(room_id))
        self.taken["war-room.png"] = await page.screenshot()
        await page.context.close()

    async def check(self) -> None:
        """A picture of a script's check, as it waits beside the room that it has opened."""
        await order(self.here, "check", script="reranker")
        said, _ = await checked(self.here, lambda said, _: "/app_redirect?" in said)
        room = await self.room(said.partition("war room ")[2].partition(":")[0])
        page = await self._page(LAPTOP, LAPTOP.height, VAL, room)
        await page.get_by_role("heading", name="Check a script").evaluate(
            "it => it.scrollIntoView()"
        )
        self.taken["check.png"] = await page.screenshot()
        await page.context.close()

    async def _page(self, window: Window, height: int, user: str, room: WarRoom) -> Page:
        await self.here.people.mark_read(user=user, channel=str(room.channel))
        context = await self._browser.new_context(
            viewport={"width": window.width, "height": height},
            color_scheme=window.colours,
            has_touch=window.narrow,
            device_scale_factor=SHARPNESS,
            timezone_id=ZONE,
        )
        page = await context.new_page()
        await page.goto(f"{self.here.slack.url}/?as={user}&in={room.channel}")
        await page.locator("#messages .pinned").wait_for()
        return page


async def play(studio: Studio) -> None:
    """An export is asked about and allowed until tonight; that ends, and a storm comes."""
    studio.at(10)
    room_id = str((await send(studio.here, "export"))["room_id"])
    room = await studio.room(room_id)
    studio.at(12)
    await studio.here.people.post(user=ADA, channel=str(room.channel), text=SAID)
    await studio.does(VAL, Acknowledge(), room_id)
    await studio.card("open", room_id)
    await studio.whole(room_id)
    studio.at(15)
    await studio.does(VAL, RequestInfo(question=QUESTION), room_id)
    await studio.card("asked", room_id)
    studio.at(17)
    await studio.does(ADA, Explain(text=ANSWER), room_id)
    studio.at(19)
    until = timedelta(hours=12)
    decided = Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=until)
    await studio.does(JUDE, decided, room_id)
    await studio.card("decided", room_id)
    studio.at(19 + until / MINUTE + 1)
    while (await studio.room(room_id)).exception_ended_at is None:
        await studio.engine.wakeups.room_changed(room_id, 1)
    await studio.card("ended", room_id)
    studio.at(13 * 60)
    answers = [await send(studio.here, "drift") for _ in range(STORM)]
    await studio.card("storm", str(answers[-1]["room_id"]))


async def main() -> None:
    """Take them all."""
    logs.configure(logging.ERROR)
    os.environ["TZ"] = ZONE
    time.tzset()
    begins = BEGINS - datetime.now(UTC)
    taken: dict[str, bytes] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=arguments())
        with (
            patch("bot.engine.ids.secrets", Chance(1)),
            patch("bot.demo.examples.secrets", Chance(2)),
            patch("bot.demo.project.secrets", Chance(3)),
        ):
            async with stage() as here:
                studio = Studio(here, browser)
                await studio.check()
                taken |= studio.taken
            with patch("bot.demo.stage.DemoClock", lambda file, _: DemoClock(file, begins)):
                async with stage() as here:
                    studio = Studio(here, browser)
                    await play(studio)
                    taken |= studio.taken
        await browser.close()
    FOLDER.mkdir(exist_ok=True)
    size = sum((FOLDER / name).write_bytes(small(shot)) for name, shot in taken.items())
    print(f"{FOLDER}: {len(taken)} pictures, {size // 1024} KB")


if __name__ == "__main__":
    asyncio.run(main())

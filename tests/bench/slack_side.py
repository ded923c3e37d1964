"""What the local Slack has seen: messages by room, channels by room, calls."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import func, select

from bot.domain.channel_names import is_channel_of
from bot.storage import tables
from bot.storage.database import Database
from tests.bench.bot import Bot

LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Page:
    """A direct message about a room, and when it was posted, in Unix time."""

    room: str
    at: float


async def seen(bot: Bot) -> dict[str, Any]:
    """The local Slack's whole state."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{bot.slack_url}/control/state") as answer,
    ):
        state: dict[str, Any] = await answer.json()
        return state


def pages(state: dict[str, Any]) -> list[Page]:
    """Every direct message with buttons, by the room that its buttons are of."""
    return [
        Page(room, float(message["ts"]))
        for channel in state["channels"]
        if channel["kind"] == "im"
        for message in channel["messages"]
        for room in {_room(message)} - {""}
    ]


def channel_of(state: dict[str, Any], room: str) -> str | None:
    """The channel of a room, once there is one."""
    found = (each for each in state["channels"] if is_channel_of(each["name"] or "", room))
    return next((str(each["id"]) for each in found), None)


async def quiet(bot: Bot, seconds: float) -> None:
    """Return once nothing is left to deliver. TimeoutError after so many seconds."""
    database = Database(bot.database)
    question = select(func.count()).where(tables.effects.c.state == tables.PENDING)
    end = time.monotonic() + seconds
    try:
        while True:
            with database.read.connect() as connection:
                left = connection.execute(question).scalar_one()
            if not left:
                return
            if time.monotonic() > end:
                raise TimeoutError(f"{left} effects are undelivered after {seconds:.0f} s")
            await asyncio.sleep(LOOK_EVERY)
    finally:
        database.dispose()


def _room(message: dict[str, Any]) -> str:
    for block in message.get("blocks") or []:
        for element in block.get("elements") or []:
            if element.get("type") == "button" and element.get("value"):
                return str(element["value"])
    return ""

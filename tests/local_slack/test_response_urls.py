"""Answers through a response URL: five times, in place of the original or beside it."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.build import ADA, VAL
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    app_for,
    button,
    listening,
    local,
    section,
)


@dataclass(frozen=True)
class Clicked:
    here: Local
    channel: str
    ts: str
    url: str

    async def answer(self, **body: object) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(self.url, json=body)

    async def texts(self, user: str) -> list[str]:
        seen = await self.here.people.messages(user, self.channel)
        return [message.text for message in seen if message.subtype is None]


async def click(here: Local) -> Clicked:
    channel = await here.room(ADA, VAL)
    posted = await here.client.chat_postMessage(
        channel=channel, text="card", blocks=[actions(button("go"))]
    )
    app, urls = app_for(here), []

    @app.action("go")
    async def on_go(ack: Any, body: Json) -> None:  # noqa: ANN401
        urls.append(body["response_url"])
        await ack()

    async with listening(here, app):
        await here.people.click(user=ADA, channel=channel, action_id="go")
    return Clicked(here, channel, posted["ts"], urls[0])


@pytest.fixture
async def clicked(here: Local) -> Clicked:
    return await click(here)


async def test_an_answer_is_for_the_person_unless_it_is_for_the_channel(clicked: Clicked) -> None:
    await clicked.answer(text="only you")
    await clicked.answer(text="all", response_type="in_channel")
    assert await clicked.texts(ADA) == ["card", "only you", "all"]
    assert await clicked.texts(VAL) == ["card", "all"]


async def test_an_answer_replaces_or_deletes_the_original(clicked: Clicked) -> None:
    await clicked.answer(text="settled", replace_original=True)
    assert await clicked.texts(VAL) == ["settled"]
    await clicked.answer(delete_original=True)
    assert await clicked.texts(VAL) == []


async def test_five_answers_and_no_more(clicked: Clicked) -> None:
    statuses = [(await clicked.answer(text=str(number))).status_code for number in range(6)]
    assert statuses == [200, 200, 200, 200, 200, 404]


async def test_an_answer_is_checked_as_a_message_is(clicked: Clicked) -> None:
    refused = await clicked.answer(blocks=[{"type": "carousel"}])
    assert (refused.status_code, refused.json()["error"]) == (500, "invalid_blocks")
    assert (await clicked.answer()).json()["error"] == "no_text"
    long = await clicked.answer(blocks=[section("x" * 2900)] * 5)
    assert long.json()["error"] == "msg_blocks_too_long"


async def test_a_response_url_ends_after_thirty_minutes() -> None:
    async with local(minute=1e-9, rate_limits=False) as here:
        late = await click(here)
        refused = await late.answer(text="late")
    assert (refused.status_code, refused.json()["error"]) == (404, "expired_url")

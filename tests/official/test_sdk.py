"""What Slack's SDK for Python does of itself works here: pages, uploads, waiting when told to.

Each rule holds for the synchronous client and for the asynchronous one.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.build import ADA
from tests.local_slack.support import Local, local
from tests.local_slack.uploading import PNG
from tests.official.tea_house import blocking


@dataclass(frozen=True)
class Client:
    """One of the two, behind one face."""

    here: Local
    synchronous: bool

    async def call(self, name: str, **given: Any) -> Any:  # noqa: ANN401 - the SDK's
        if self.synchronous:
            client = blocking(self.here, retry_handlers=[RateLimitErrorRetryHandler(2)])
            return await asyncio.to_thread(getattr(client, name), **given)
        token, url = self.here.slack.config.bot_token, self.here.slack.api_url
        waiting = AsyncWebClient(
            token, base_url=url, retry_handlers=[AsyncRateLimitErrorRetryHandler(2)]
        )
        return await getattr(waiting, name)(**given)

    async def pages(self, name: str, **given: Any) -> list[Any]:  # noqa: ANN401 - the same
        """All pages: a response goes on to the next one as one walks over it, and is that then."""
        first = await self.call(name, **given)
        if self.synchronous:
            return await asyncio.to_thread(lambda: [page.data for page in first])
        return [page.data async for page in first]


@pytest.fixture(params=[True, False], ids=["synchronous", "asynchronous"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with local() as here:
        yield Client(here, request.param)


async def test_cursors_lead_through_all_pages_and_end(client: Client) -> None:
    channel = await client.here.room(ADA)
    for number in range(3):
        await client.here.client.chat_postMessage(channel=channel, text=str(number))
    pages = await client.pages("conversations_history", channel=channel, limit=2)
    texts = [message["text"] for page in pages for message in page["messages"]]
    assert [len(page["messages"]) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert texts[:3] == ["2", "1", "0"]
    people = [
        one["id"] for page in await client.pages("users_list", limit=1) for one in page["members"]
    ]
    assert len(people) == len(set(people)) > 3
    lists = await client.pages(
        "conversations_list", types="public_channel,private_channel", limit=1
    )
    assert channel in [one["id"] for page in lists for one in page["channels"]]


async def test_a_file_goes_up_in_three_steps(client: Client) -> None:
    channel = await client.here.room(ADA)
    given = {"filename": "leaf.png", "content": PNG, "title": "A leaf", "initial_comment": "Look"}
    await client.call("files_upload_v2", channel=channel, **given)
    seen = (await client.here.people.messages(ADA, channel))[-1]
    assert (seen.text, [file["title"] for file in seen.files]) == ("Look", ["A leaf"])


async def test_a_call_too_many_waits_as_long_as_it_is_told_and_goes_through(client: Client) -> None:
    await client.here.people.fault("error", "users.info", error="ratelimited", seconds=1)
    answer = await client.call("users_info", user=ADA)
    assert answer["user"]["id"] == ADA
    refused, done = await client.here.people.calls("users.info")
    assert (refused.status, done.status) == (429, 200)
    assert done.started - refused.started >= 1

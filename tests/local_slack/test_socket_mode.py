"""Socket Mode: links, envelopes, acknowledgements, disconnects."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.build import ADA, BOT
from tests.local_slack.support import Json, Local, actions, app_for, button, linked, modal


async def open_link(here: Local, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    client = AsyncWebClient("xapp-local", base_url=here.slack.api_url)
    url = (await client.apps_connections_open(app_token="xapp-local"))["url"]
    link = await session.ws_connect(str(url))
    assert (await link.receive_json())["type"] == "hello"
    return link


async def test_a_bot_on_a_socket_gets_commands_clicks_and_submissions(here: Local) -> None:
    app, heard = app_for(here), []

    @app.command("/form")
    async def on_command(ack: Any, body: Json, client: Any) -> None:  # noqa: ANN401
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack(text="opened")

    @app.view("form")
    async def on_form(ack: Any) -> None:  # noqa: ANN401
        await ack(response_action="update", view=modal())

    @app.action("go")
    async def on_go(ack: Any, body: Json) -> None:  # noqa: ANN401
        heard.append(body["actions"][0]["action_id"])
        await ack()

    await here.client.chat_postMessage(channel=ADA, text="x", blocks=[actions(button("go"))])
    async with linked(here, app):
        commanded = await here.people.command(user=ADA, channel="general", text="/form")
        view = (await here.people.views(ADA))[0]
        sent = await here.people.submit(user=ADA, view_id=view.id)
        clicked = await here.people.click(user=ADA, channel=BOT, action_id="go")
    assert (commanded.answer.body, commanded.ts is not None) == ({"text": "opened"}, True)
    assert sent.outcome == "updated"
    assert clicked.answer is not None
    assert (clicked.answer.acked, heard) == (True, ["go"])


async def test_an_envelope_goes_to_one_of_the_links(here: Local) -> None:
    got: Counter[int] = Counter()

    async def listen(number: int, link: aiohttp.ClientWebSocketResponse) -> None:
        async for message in link:
            envelope = message.json()
            assert envelope["type"] == "slash_commands"
            assert envelope["accepts_response_payload"]
            got[number] += 1
            await link.send_json({"envelope_id": envelope["envelope_id"]})

    async with aiohttp.ClientSession() as session:
        links = [await open_link(here, session) for _ in range(2)]
        tasks = [asyncio.create_task(listen(*pair)) for pair in enumerate(links)]
        for _ in range(4):
            await here.people.command(user=ADA, channel="general", text="/x")
        for link in links:
            await link.close()
        await asyncio.gather(*tasks)
    assert got == {0: 2, 1: 2}


async def test_ten_links_and_no_more(here: Local) -> None:
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        for _ in range(10):
            stack.push_async_callback((await open_link(here, session)).close)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await open_link(here, session)
    assert refused.value.status == 429


async def test_a_ticket_is_good_once(here: Local) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{here.slack.url}/link?ticket=stolen")


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
async def test_links_are_told_to_go(here: Local, reason: str) -> None:
    async with aiohttp.ClientSession() as session:
        link = await open_link(here, session)
        await here.people.disconnect("warning")
        warned = await link.receive_json()
        await here.people.disconnect(reason)
        told = await link.receive_json()
        ended = await link.receive()
        await link.close()
    assert (warned["type"], warned["reason"]) == ("disconnect", "warning")
    assert told["reason"] == reason
    assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)

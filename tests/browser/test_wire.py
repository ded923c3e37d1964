"""The wire: every call is shown; a lost connection is found again; other sites stay out."""

import httpx
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect
from slack_sdk.errors import SlackApiError

from tests.browser.acting import marked, message, not_reloaded
from tests.browser.local_slack import Place
from tests.build import ADA, VAL
from tests.local_slack.support import actions, button


def test_each_call_is_shown_with_its_arguments_and_its_answer(
    page: Page, local_slack: Place
) -> None:
    room = local_slack.room()
    page.goto(local_slack.at(room))
    wire = page.get_by_role("tabpanel", name="Wire")
    local_slack.say(room, "Look at this", blocks=[actions(button("go"))])
    calls = wire.locator(".call")
    expect(calls.first).to_contain_text("chat.postMessage")
    expect(calls.first).to_contain_text("ok")
    expect(calls.first).to_contain_text("ms")
    calls.first.locator("summary").click()
    expect(calls.first).to_contain_text("Look at this")
    expect(calls.first).to_contain_text('"ok": true')
    local_slack.toy.answers(status=500)
    page.get_by_role("button", name="Go").click()
    expect(calls.first).to_contain_text("block_actions")
    expect(calls.first.locator(".outcome")).to_contain_text("500")
    with pytest.raises(SlackApiError):
        local_slack.bot.chat_postMessage(channel="C0NONE", text="x")
    expect(calls.first.locator(".outcome")).to_contain_text("channel_not_found")


def test_what_happened_while_the_connection_was_lost_is_shown(
    page: Page, local_slack: Place
) -> None:
    sockets: list[WebSocketRoute] = []
    held: list[Route] = []

    def connect(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/page/live*", connect)
    room = local_slack.room()
    ts = local_slack.say(room, "Before")
    page.goto(local_slack.at(room))
    local_slack.say(room, "All well")
    expect(page.get_by_text("All well")).to_be_visible()
    marked(page)
    page.route("**/?as=*", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    with page.expect_request("**/?as=*"):
        sockets[0].close()
        lost = page.get_by_role("status").filter(has_text="Connection lost")
        expect(lost).to_be_visible()
        local_slack.say(room, "Meanwhile")
        local_slack.bot.chat_update(channel=room, ts=ts, text="Changed")
    expect(page.get_by_text("Meanwhile")).to_have_count(0)
    held[0].continue_()
    expect(page.get_by_text("Meanwhile")).to_be_visible()
    expect(message(page, ts)).to_contain_text("Changed")
    expect(lost).to_be_hidden()
    local_slack.say(room, "Live again")
    expect(page.get_by_text("Live again")).to_be_visible()
    not_reloaded(page)


def test_who_is_thrown_out_while_the_page_loads_is_sent_elsewhere(
    page: Page, local_slack: Place
) -> None:
    room = local_slack.room()

    def connect(socket: WebSocketRoute) -> None:
        if room in socket.url:
            local_slack.bot.conversations_kick(channel=room, user=ADA)
        socket.connect_to_server()

    page.route_web_socket("**/page/live*", connect)
    page.goto(local_slack.at(room))
    expect(page.locator("#head h1")).to_contain_text("general")


@pytest.mark.parametrize("path", ["/control/post", "/page/act/post"])
def test_another_sites_page_cannot_act_here(local_slack: Place, path: str) -> None:
    room = local_slack.room(ADA, VAL)
    body = {"user": ADA, "channel": room, "text": "Not mine"}
    refused = local_slack.http.post(path, json=body, headers={"Origin": "https://evil.test"})
    assert refused.status_code == httpx.codes.FORBIDDEN
    own = local_slack.http.post(
        path, json=body | {"text": "Mine"}, headers={"Origin": local_slack.url}
    )
    assert own.json()["ok"]
    seen = local_slack.http.get(f"/control/messages?user={ADA}&channel={room}").json()["messages"]
    assert [m["text"] for m in seen if m["user"] == ADA and not m.get("subtype")] == ["Mine"]


def test_another_sites_page_cannot_listen(local_slack: Place) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": "https://evil.test",
    }
    refused = local_slack.http.get("/page/live?as=U0ADA", headers=upgrade)
    assert refused.status_code == httpx.codes.FORBIDDEN


def test_what_slack_took_no_notice_of_is_said(page: Page, local_slack: Place) -> None:
    page.goto(local_slack.at(local_slack.room()))
    with pytest.raises(SlackApiError):
        local_slack.bot.api_call("users.info", json={"user": ADA})
    call = page.get_by_role("tabpanel", name="Wire").locator(".call").first
    expect(call).to_contain_text("warning")
    call.locator("summary").click()
    expect(call).to_contain_text("users.info takes no JSON body and has not seen user")

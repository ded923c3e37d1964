"""Tokens, scopes, arguments: what is checked before a method does anything."""

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.build import ADA, BOT
from tests.local_slack.support import Local, local, refusal


async def post(here: Local, method: str, **more: object) -> dict[str, object]:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{here.slack.api_url}{method}", **more)  # type: ignore[arg-type]
        body: dict[str, object] = answer.json()
        return body


async def test_a_call_needs_a_known_method_and_token(here: Local) -> None:
    assert (await post(here, "no.such"))["error"] == "unknown_method"
    assert (await post(here, "auth.test"))["error"] == "not_authed"
    bearer = {"Authorization": "Bearer xoxb-other"}
    assert (await post(here, "auth.test", headers=bearer))["error"] == "invalid_auth"


async def test_the_two_tokens_do_not_stand_in_for_each_other(here: Local) -> None:
    wrong = await post(here, "auth.test", data={"token": "xapp-local"})
    assert wrong["error"] == "not_allowed_token_type"
    wrong = await post(here, "apps.connections.open", data={"token": "xoxb-local"})
    assert wrong["error"] == "not_allowed_token_type"


@pytest.mark.parametrize("how", ["query", "form", "json"])
async def test_arguments_come_by_query_form_or_json(here: Local, how: str) -> None:
    given = {"token": "xoxb-local", "name": f"by-{how}", "is_private": "true"}
    carried = {"query": {"params": given}, "form": {"data": given}, "json": {"json": given}}
    made = await post(here, "conversations.create", **carried[how])
    channel = made["channel"]
    assert isinstance(channel, dict)
    assert channel["is_private"]


async def test_query_and_body_are_one(here: Local) -> None:
    bearer = {"Authorization": "Bearer xoxb-local"}
    for kind in ("data", "json"):
        asked: dict[str, object] = {"params": {"name": kind}, kind: {"is_private": "true"}}
        assert (await post(here, "conversations.create", headers=bearer, **asked))["ok"]
    listed = await here.client.conversations_list(types="private_channel")
    assert [channel["name"] for channel in listed["channels"]] == ["data", "json"]


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_a_method_is_called_by_either_verb(here: Local, verb: str) -> None:
    given = {"token": "xoxb-local", "limit": "1"}
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.request(verb, f"{here.slack.api_url}users.list", params=given)
    assert len(answer.json()["members"]) == 1


@pytest.mark.parametrize(
    ("given", "private"), [(True, True), ("true", True), ("1", True), ("0", False), (False, False)]
)
async def test_a_flag_is_set_in_any_of_its_ways(here: Local, given: object, private: bool) -> None:
    made = await here.client.api_call(
        "conversations.create", json={"name": "flag", "is_private": given}
    )
    assert made["channel"]["is_private"] is private


async def test_blocks_in_a_form_are_a_json_text(here: Local) -> None:
    direct = (await here.client.conversations_open(users=ADA))["channel"]["id"]
    blocks = '[{"type": "divider"}]'
    given = {"token": "xoxb-local", "channel": direct, "blocks": blocks}
    posted = await post(here, "chat.postMessage", data=given)
    assert posted["ok"]
    broken = await post(here, "chat.postMessage", data={**given, "blocks": "[{"})
    assert broken["error"] == "invalid_blocks_format"


async def test_a_body_that_is_no_json_object_is_refused(here: Local) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await post(here, "auth.test", content="{", headers=headers))["error"] == "invalid_json"
    listed = await post(here, "auth.test", content="[]", headers=headers)
    assert listed["error"] == "json_not_object"


async def test_a_method_that_takes_no_json_sees_nothing_of_a_json_body(here: Local) -> None:
    client, people = here.client, here.people
    assert (await refusal(client.api_call("users.info", json={"user": ADA})))["error"] == (
        "user_not_found"
    )
    link = await refusal(client.api_call("chat.getPermalink", json={"channel": "C0GENERAL"}))
    assert link["error"] == "invalid_arguments"
    assert (await client.api_call("users.info", params={"user": ADA}))["ok"]
    failed, well = await people.calls("users.info")
    assert failed.warnings == ("users.info takes no JSON body and has not seen user",)
    assert failed.arguments == {"user": ADA}
    assert not well.warnings


async def test_a_required_argument_that_is_missing_is_named(here: Local) -> None:
    refused = await refusal(here.client.api_call("conversations.info"))
    assert refused["error"] == "invalid_arguments"
    assert "channel" in refused["response_metadata"]["messages"][0]


async def test_a_private_channel_needs_another_scope_than_a_public_one() -> None:
    async with local(scopes=["channels:manage", "channels:read"]) as here:
        await here.client.conversations_create(name="open")
        refused = await refusal(here.client.conversations_create(name="shut", is_private=True))
        listed = await refusal(here.client.conversations_list(types="private_channel"))
    assert refused["error"] == "missing_scope"
    assert refused["needed"] == "groups:write"
    assert refused["provided"] == "channels:manage,channels:read"
    assert listed["needed"] == "groups:read"


async def test_history_needs_the_scope_of_its_kind() -> None:
    async with local(scopes=["groups:write", "chat:write", "channels:history"]) as here:
        channel = await here.room()
        refused = await refusal(here.client.conversations_history(channel=channel))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "groups:history")


async def test_a_method_without_any_of_its_scopes_is_refused() -> None:
    async with local(scopes=[]) as here:
        refused = await refusal(here.client.users_lookupByEmail(email="ada@acme.test"))
        assert (await here.client.auth_test())["user_id"] == BOT
    assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read.email")


async def test_socket_mode_needs_its_scope() -> None:
    async with local(app_scopes=[]) as here:
        client = AsyncWebClient("xapp-local", base_url=here.slack.api_url)
        refused = await refusal(client.apps_connections_open(app_token="xapp-local"))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "connections:write")


async def test_a_call_is_tried_without_a_token(here: Local) -> None:
    assert await post(here, "api.test", data={"foo": "bar"}) == {"ok": True, "args": {"foo": "bar"}}
    refused = await post(here, "api.test", json={"error": "my_error"})
    assert refused == {"ok": False, "error": "my_error", "args": {"error": "my_error"}}

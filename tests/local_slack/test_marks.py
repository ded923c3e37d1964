"""Pins, reactions and bookmarks: what is put on messages and channels."""

import pytest

from tests.build import ADA, BOT
from tests.local_slack.support import Json, Local, local, refusal


async def test_pins_reactions_and_bookmarks(here: Local) -> None:
    channel = await here.room(ADA)
    ts = (await here.client.chat_postMessage(channel=channel, text="x"))["ts"]
    item = {"channel": channel, "timestamp": ts}
    await here.client.pins_add(**item)
    assert (await refusal(here.client.pins_add(**item)))["error"] == "already_pinned"
    assert (await here.client.pins_list(channel=channel))["items"][0]["message"]["ts"] == ts
    assert (await here.people.messages(ADA, channel))[-1].pinned
    await here.client.pins_remove(**item)
    assert (await refusal(here.client.pins_remove(**item)))["error"] == "no_pin"
    none = await refusal(here.client.api_call("pins.add", json={"channel": channel}))
    assert none["error"] == "no_item_specified"
    await here.client.reactions_add(name="eyes", **item)
    again = await refusal(here.client.reactions_add(name="eyes", **item))
    assert again["error"] == "already_reacted"
    marked = await here.client.bookmarks_add(
        channel_id=channel, title="Run", type="link", link="https://acme.test/run"
    )
    assert marked["bookmark"]["channel_id"] == channel
    bad = await refusal(
        here.client.bookmarks_add(channel_id=channel, title="x", type="link", link="ftp://x")
    )
    assert bad["error"] == "invalid_link"


async def test_a_bookmark_is_edited_in_part(here: Local) -> None:
    channel = await here.room(ADA)
    link = "https://acme.test/run"
    made = await here.client.bookmarks_add(
        channel_id=channel, title="Run", type="link", link=link, emoji=":gear:"
    )
    place = {"channel_id": channel, "bookmark_id": made["bookmark"]["id"]}
    edited = (await here.client.bookmarks_edit(**place, title="Done"))["bookmark"]
    assert (edited["title"], edited["link"], edited["emoji"]) == ("Done", link, ":gear:")
    assert edited["date_updated"] >= edited["date_created"] > 0
    room = (await here.people.state()).channel(channel)
    assert room is not None
    assert room.bookmarks == [edited]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"link": "ftp://x"}, "invalid_link"),
        ({"title": "x" * 257}, "invalid_arguments"),
        ({"title": ""}, "invalid_arguments"),
        ({"emoji": "no emoji"}, "invalid_emoji"),
        ({"bookmark_id": "Bk0NONE"}, "not_found"),
        ({"channel_id": "C0NONE"}, "channel_not_found"),
    ],
)
async def test_a_bookmark_is_checked_when_it_is_edited(
    here: Local, given: dict[str, str], error: str
) -> None:
    channel, link = await here.room(ADA), "https://acme.test/run"
    made = await here.client.bookmarks_add(channel_id=channel, title="x", type="link", link=link)
    place = {"channel_id": channel, "bookmark_id": made["bookmark"]["id"]}
    refused = await refusal(here.client.api_call("bookmarks.edit", json=place | given))
    assert refused["error"] == error
    room = (await here.people.state()).channel(channel)
    assert room is not None
    assert room.bookmarks == [made["bookmark"]]


async def test_a_person_takes_a_reaction_back(here: Local) -> None:
    channel = await here.room(ADA)
    ts = str((await here.client.chat_postMessage(channel=channel, text="x"))["ts"])
    await here.client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    for users in ([BOT, ADA], [BOT]):
        await here.people.react(user=ADA, channel=channel, ts=ts, name="eyes")
        seen = (await here.people.messages(ADA, channel))[-1]
        assert seen.reactions == [{"name": "eyes", "users": users, "count": len(users)}]


async def test_a_reaction_is_seen_and_taken_back(here: Local) -> None:
    client, channel = here.client, await here.room(ADA)
    ts = str((await client.chat_postMessage(channel=channel, text="x"))["ts"])
    item: Json = {"channel": channel, "timestamp": ts}
    await client.reactions_add(name="eyes", **item)
    await here.people.react(user=ADA, channel=channel, ts=ts, name="eyes")
    shown = await client.reactions_get(**item)
    assert (shown["type"], shown["channel"]) == ("message", channel)
    assert shown["message"]["reactions"] == [{"name": "eyes", "users": [BOT, ADA], "count": 2}]
    await client.reactions_remove(name="eyes", **item)
    left = (await client.reactions_get(**item))["message"]
    assert [reaction["users"] for reaction in left["reactions"]] == [[ADA]]
    again = await refusal(client.reactions_remove(name="eyes", **item))
    assert again["error"] == "no_reaction"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "no_item_specified"),
        ({"channel": "C0GENERAL"}, "no_item_specified"),
        ({"channel": "C0NONE", "timestamp": "1.000001"}, "channel_not_found"),
        ({"channel": "C0GENERAL", "timestamp": "1.000001"}, "not_in_channel"),
    ],
)
async def test_a_reaction_is_on_a_message(here: Local, given: Json, error: str) -> None:
    got = await refusal(here.client.api_call("reactions.get", params=given))
    removed = await refusal(
        here.client.api_call("reactions.remove", params={"name": "eyes", **given})
    )
    assert got["error"] == removed["error"] == error


async def test_reactions_are_read_with_a_scope_of_their_own() -> None:
    async with local(scopes=["reactions:write"]) as here:
        refused = await refusal(here.client.api_call("reactions.get", params={}))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "reactions:read")

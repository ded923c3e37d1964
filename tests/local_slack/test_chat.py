"""What the bot says: where it goes, what is kept of it, what may be changed."""

from decimal import Decimal

import pytest

from tests.build import ADA, BOT, JUDE, VAL
from tests.local_slack.support import Local, actions, button, local, refusal, section


async def test_a_message_to_a_person_goes_to_the_direct_messages(here: Local) -> None:
    posted = await here.client.chat_postMessage(channel=ADA, text="hello")
    assert posted["channel"].startswith("D")
    seen = await here.people.messages(ADA, BOT)
    assert [message.text for message in seen] == ["hello"]
    assert (await here.client.conversations_history(channel=posted["channel"]))["messages"]


async def test_timestamps_rise(here: Local) -> None:
    channel = await here.room()
    async with local(rate_limits=False) as fast:
        channel = await fast.room()
        posted = [
            await fast.client.chat_postMessage(channel=channel, text=str(number))
            for number in range(50)
        ]
    stamps = [Decimal(answer["ts"]) for answer in posted]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_schema"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"markdown_text": "x", "blocks": [section()]}, "markdown_text_conflict"),
    ],
)
async def test_what_cannot_be_said(here: Local, content: dict[str, object], error: str) -> None:
    call = here.client.api_call("chat.postMessage", json={"channel": ADA, **content})
    assert (await refusal(call))["error"] == error


async def test_a_text_is_cut_at_forty_thousand_characters(here: Local) -> None:
    channel = await here.room(ADA)
    whole = await here.client.chat_postMessage(channel=channel, text="x" * 40_000)
    assert "warning" not in whole
    cut = await here.client.chat_postMessage(channel=channel, text="x" * 39_999 + "yz")
    assert cut["message"]["text"] == "x" * 39_999 + "y"
    aside = await here.client.chat_postEphemeral(channel=channel, user=ADA, text="x" * 40_001)
    for answer in (cut, aside):
        assert answer["warning"] == "message_truncated"
        assert answer["response_metadata"]["warnings"] == ["message_truncated"]


async def test_an_unknown_channel_is_not_found(here: Local) -> None:
    for channel in ("C0NONE", "U0NONE", BOT):
        refused = await refusal(here.client.chat_postMessage(channel=channel, text="x"))
        assert refused["error"] == "channel_not_found"


async def test_metadata_is_shown_only_when_asked_for(here: Local) -> None:
    channel = await here.room()
    metadata = {"event_type": "effect", "event_payload": {"id": "7"}}
    await here.client.chat_postMessage(channel=channel, text="x", metadata=metadata)
    without = await here.client.conversations_history(channel=channel)
    shown = await here.client.conversations_history(channel=channel, include_all_metadata=True)
    assert "metadata" not in without["messages"][0]
    assert shown["messages"][0]["metadata"] == metadata


async def test_history_is_newest_first_within_bounds_and_pages(here: Local) -> None:
    channel = await here.room()
    stamps = [
        (await here.client.chat_postMessage(channel=channel, text=text))["ts"] for text in "abcd"
    ]
    first = await here.client.conversations_history(channel=channel, limit=3)
    assert [message["text"] for message in first["messages"]] == ["d", "c", "b"]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    second = await here.client.conversations_history(channel=channel, limit=3, cursor=cursor)
    assert [message["text"] for message in second["messages"]] == ["a"]
    between = {"channel": channel, "oldest": stamps[0], "latest": stamps[2]}
    open_ = await here.client.conversations_history(**between)
    closed = await here.client.conversations_history(**between, inclusive=True)
    assert [message["text"] for message in open_["messages"]] == ["b"]
    assert [message["text"] for message in closed["messages"]] == ["c", "b", "a"]


async def test_replies_stay_in_their_thread(here: Local) -> None:
    channel = await here.room()
    root = (await here.client.chat_postMessage(channel=channel, text="root"))["ts"]
    await here.client.chat_postMessage(channel=channel, text="reply", thread_ts=root)
    history = (await here.client.conversations_history(channel=channel))["messages"]
    thread = (await here.client.conversations_replies(channel=channel, ts=root))["messages"]
    assert [(message["text"], message["reply_count"]) for message in history] == [("root", 1)]
    assert [message["text"] for message in thread] == ["root", "reply"]


async def test_the_bot_changes_only_its_own_messages(here: Local) -> None:
    channel = await here.room(ADA)
    own = (await here.client.chat_postMessage(channel=channel, text="x", blocks=[section()]))["ts"]
    other = (await here.people.post(user=ADA, channel=channel, text="mine")).ts
    answer = await here.client.chat_update(channel=channel, ts=own, text="y")
    assert (answer["ts"], "ts" in answer["message"]) == (own, False)
    refused = await refusal(here.client.chat_update(channel=channel, ts=other, text="y"))
    assert refused["error"] == "cant_update_message"
    refused = await refusal(here.client.chat_delete(channel=channel, ts=other))
    assert refused["error"] == "cant_delete_message"
    refused = await refusal(here.client.chat_update(channel=channel, ts="1.1", text="y"))
    assert refused["error"] == "message_not_found"
    updated = next(m for m in await here.people.messages(ADA, channel) if m.ts == own)
    assert (updated.text, bool(updated.blocks)) == ("y", True)
    await here.client.chat_delete(channel=channel, ts=own)
    assert own not in [message.ts for message in await here.people.messages(ADA, channel)]


async def test_nothing_is_changed_in_an_archived_channel(here: Local) -> None:
    channel = await here.room(ADA, private=False)
    ts = (await here.client.chat_postMessage(channel=channel, text="x"))["ts"]
    await here.client.conversations_archive(channel=channel)
    updated = await refusal(here.client.chat_update(channel=channel, ts=ts, text="y"))
    renamed = await refusal(here.client.conversations_rename(channel=channel, name="other"))
    invited = await refusal(here.client.conversations_invite(channel=channel, users=VAL))
    assert (updated["error"], renamed["error"], invited["error"]) == (
        "is_inactive",
        "is_archived",
        "is_archived",
    )


async def test_an_update_may_come_too_late() -> None:
    async with local(edit_window_minutes=0) as here:
        posted = await here.client.chat_postMessage(channel=ADA, text="x")
        refused = await refusal(
            here.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
        )
    assert refused["error"] == "edit_window_closed"


async def test_an_ephemeral_message_is_seen_by_one(here: Local) -> None:
    channel = await here.room(ADA, VAL)
    answer = await here.client.chat_postEphemeral(channel=channel, user=ADA, text="for you")
    seen = [message.text for message in await here.people.messages(ADA, channel)]
    other = [message.text for message in await here.people.messages(VAL, channel)]
    assert "for you" in seen
    assert "for you" not in other
    history = (await here.client.conversations_history(channel=channel))["messages"]
    assert "for you" not in [message["text"] for message in history]
    updated = await refusal(
        here.client.chat_update(channel=channel, ts=answer["message_ts"], text="y")
    )
    outside = await refusal(here.client.chat_postEphemeral(channel=channel, user=JUDE, text="x"))
    assert (updated["error"], outside["error"]) == ("message_not_found", "user_not_in_channel")


async def test_ids_that_the_bot_left_out_are_filled_in(here: Local) -> None:
    posted = await here.client.chat_postMessage(
        channel=ADA, text="x", blocks=[actions({"type": "button", "text": button("a")["text"]})]
    )
    block = posted["message"]["blocks"][0]
    assert block["block_id"]
    assert block["elements"][0]["action_id"]


async def test_a_permalink_names_channel_and_message(here: Local) -> None:
    posted = await here.client.chat_postMessage(channel=ADA, text="x")
    link = await here.client.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"])
    assert link["permalink"].endswith(f"{posted['channel']}/p{posted['ts'].replace('.', '')}")

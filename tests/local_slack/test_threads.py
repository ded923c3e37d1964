"""Threads: what is left of their root, and what is said in them to one person."""

from tests.build import ADA, VAL
from tests.local_slack.support import Local, refusal


async def thread(here: Local) -> tuple[str, str, str]:
    """A channel, a message in it, and a reply to that."""
    channel = await here.room(ADA, VAL)
    root = str((await here.client.chat_postMessage(channel=channel, text="root"))["ts"])
    await here.client.pins_add(channel=channel, timestamp=root)
    reply = await here.client.chat_postMessage(channel=channel, text="reply", thread_ts=root)
    return channel, root, str(reply["ts"])


async def test_the_root_of_a_thread_leaves_a_tombstone(here: Local) -> None:
    channel, root, _ = await thread(here)
    await here.client.chat_delete(channel=channel, ts=root)
    found = (await here.client.conversations_replies(channel=channel, ts=root))["messages"]
    assert [message["text"] for message in found] == ["This message was deleted.", "reply"]
    assert (found[0]["subtype"], found[0]["user"]) == ("tombstone", "USLACKBOT")
    assert not (await here.client.pins_list(channel=channel))["items"]
    again = await refusal(here.client.chat_delete(channel=channel, ts=root))
    assert again["error"] == "cant_delete_message"


async def test_a_tombstone_goes_with_the_last_reply(here: Local) -> None:
    channel, root, reply = await thread(here)
    await here.client.chat_delete(channel=channel, ts=root)
    await here.client.chat_delete(channel=channel, ts=reply)
    seen = await here.people.messages(ADA, channel)
    assert not {root, reply} & {message.ts for message in seen}


async def test_a_message_without_replies_is_gone(here: Local) -> None:
    channel, root, reply = await thread(here)
    await here.client.chat_delete(channel=channel, ts=reply)
    await here.client.chat_delete(channel=channel, ts=root)
    assert root not in {message.ts for message in await here.people.messages(ADA, channel)}


async def test_what_one_person_is_told_in_a_thread_stands_there(here: Local) -> None:
    channel, root, _ = await thread(here)
    await here.client.chat_postEphemeral(channel=channel, user=ADA, text="for you", thread_ts=root)
    seen = (await here.people.messages(ADA, channel))[-1]
    assert (seen.text, seen.thread_ts) == ("for you", root)
    refused = await refusal(
        here.client.chat_postEphemeral(channel=channel, user=ADA, text="x", thread_ts="1.000001")
    )
    assert refused["error"] == "cannot_reply_to_message"


async def test_what_one_person_is_told_makes_no_thread(here: Local) -> None:
    channel = await here.room(ADA)
    root = (await here.client.chat_postMessage(channel=channel, text="root"))["ts"]
    await here.client.chat_postEphemeral(channel=channel, user=ADA, text="x", thread_ts=root)
    history = (await here.client.conversations_history(channel=channel))["messages"]
    assert "thread_ts" not in history[0]

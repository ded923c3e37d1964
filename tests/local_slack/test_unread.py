"""What is unread, and what of it is for one person."""

import pytest

from tests.build import ADA, BOT, VAL
from tests.local_slack.support import Json, Local, local, plain, section


async def counts(here: Local, channel: str, user: str = ADA) -> tuple[int, int]:
    """Unread messages, and how many of them are for the user."""
    found = next(c for c in await here.people.channels(user) if c.id == channel)
    return found.unread, found.mentions


async def room(here: Local) -> tuple[str, str]:
    """A channel that Ada has read, and a message in it."""
    channel = await here.room(ADA, VAL)
    root = await here.client.chat_postMessage(channel=channel, text="root")
    await here.people.mark_read(user=ADA, channel=channel)
    return channel, str(root["ts"])


async def test_a_mere_reply_makes_no_channel_unread(here: Local) -> None:
    channel, root = await room(here)
    await here.client.chat_postMessage(channel=channel, text="aside", thread_ts=root)
    assert await counts(here, channel) == (0, 0)
    await here.client.chat_postMessage(
        channel=channel, text="loud", thread_ts=root, reply_broadcast=True
    )
    assert await counts(here, channel) == (1, 0)
    await here.client.chat_postMessage(channel=channel, text=f"<@{ADA}>", thread_ts=root)
    assert await counts(here, channel) == (2, 1)
    await here.people.mark_read(user=ADA, channel=channel)
    assert await counts(here, channel) == (0, 0)


def rich(*elements: Json) -> Json:
    inside = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [inside]}


@pytest.mark.parametrize(
    ("said", "for_ada"),
    [
        ({"text": f"<@{ADA}> look"}, True),
        ({"text": f"<@{ADA}|ada> look"}, True),
        ({"text": f"<@{VAL}> look"}, False),
        ({"text": "<!here>"}, True),
        ({"text": "<!channel>"}, True),
        ({"text": "<!everyone>"}, True),
        ({"text": "<!subteam^S1>"}, True),
        ({"text": "<!subteam^S1|@legal>"}, True),
        ({"text": "<!subteam^S2>"}, False),
        ({"text": "x", "blocks": [section(f"<@{ADA}>")]}, True),
        ({"text": "x", "blocks": [section("x", accessory=None, fields=None)]}, False),
        ({"text": "x", "blocks": [{"type": "header", "text": plain(f"<@{ADA}>")}]}, False),
        ({"text": "x", "blocks": [rich({"type": "user", "user_id": ADA})]}, True),
        ({"text": "x", "blocks": [rich({"type": "broadcast", "range": "here"})]}, True),
        ({"text": "x", "blocks": [rich({"type": "usergroup", "usergroup_id": "S1"})]}, True),
        ({"text": "x", "blocks": [rich({"type": "text", "text": f"<@{ADA}>"})]}, False),
        ({"text": "x", "attachments": [{"text": f"<@{ADA}>"}]}, True),
        ({"text": "x", "attachments": [{"fields": [{"value": f"<@{ADA}>"}]}]}, True),
        ({"text": "x", "attachments": [{"blocks": [section(f"<@{ADA}>")]}]}, True),
    ],
)
async def test_what_mentions_somebody_is_for_them(said: Json, for_ada: bool) -> None:
    groups = [{"id": "S1", "handle": "legal", "users": [ADA]}, {"id": "S2", "handle": "all"}]
    async with local(usergroups=groups) as here:
        channel, _ = await room(here)
        await here.client.api_call("chat.postMessage", json={"channel": channel, **said})
        assert await counts(here, channel) == (1, int(for_ada))


async def test_a_person_reaches_all_that_are_here(here: Local) -> None:
    channel, _ = await room(here)
    await here.people.post(user=VAL, channel=channel, text="@here and a@here.test")
    assert await counts(here, channel) == (1, 1)
    assert (await here.people.messages(ADA, channel))[-1].text == "<!here> and a@here.test"
    assert await counts(here, channel, VAL) == (1, 0)


async def test_in_direct_messages_everything_is_for_the_person(here: Local) -> None:
    posted = await here.client.chat_postMessage(channel=ADA, text="x")
    direct = str(posted["channel"])
    await here.client.chat_postMessage(channel=direct, text="y", thread_ts=posted["ts"])
    assert await counts(here, direct) == (2, 2)
    await here.people.post(user=ADA, channel=BOT, text="mine")
    assert await counts(here, direct) == (2, 2)

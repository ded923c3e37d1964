"""The feed, the wire log, and waiting on them."""

import contextlib

import pytest

from bot.local_slack.control_responses import FeedItem
from tests.build import ADA, VAL
from tests.local_slack.support import Local, section


async def read(here: Local, until: str, after: int | None = None) -> list[FeedItem]:
    found = []
    async with contextlib.aclosing(here.people.feed(after)) as events:
        async for event in events:
            found.append(event)
            if event.type == until:
                break
    return found


async def test_the_feed_tells_in_order_what_changed(here: Local) -> None:
    channel = await here.room(ADA)
    ts = (await here.client.chat_postMessage(channel=channel, text="x"))["ts"]
    await here.client.pins_add(channel=channel, timestamp=ts)
    events = await read(here, "pin.added", after=0)
    kinds = [event.type for event in events if event.type != "call"]
    assert kinds == [
        "hello",
        "channel.created",
        "member.joined",
        "message.posted",
        "message.posted",
        "pin.added",
    ]
    ids = [event.id for event in events[1:]]
    assert ids == sorted(set(ids))
    assert events[-1].field("ts") == ts


async def test_a_reader_resumes_where_it_stopped(here: Local) -> None:
    await here.room(name="one")
    seen = await read(here, "channel.created", after=0)
    await here.room(name="two")
    resumed = await read(here, "channel.created", after=seen[-1].id)
    assert resumed[-1].field("name") == "two"
    assert [event.id for event in resumed[1:]] == list(range(seen[-1].id + 1, resumed[-1].id + 1))


async def test_waiting_ends_when_it_is_so(here: Local) -> None:
    await here.room(ADA)
    state = await here.people.wait_for(lambda state: state.channel("room"))
    room = state.channel("room")
    assert room is not None
    await here.client.chat_postMessage(channel=room.id, text="x", blocks=[section("Look")])
    message = await here.people.wait_for_message(
        user=ADA, channel="room", holds=lambda message: "Look" in message.words
    )
    assert message.from_bot


async def test_waiting_in_vain_says_what_was_seen_last(here: Local) -> None:
    with pytest.raises(TimeoutError, match="general"):
        await here.people.wait_for(lambda state: state.channel("none"), timeout=0.05)


async def test_the_log_shows_each_call_without_its_token(here: Local) -> None:
    await here.client.api_call("auth.test", params={"token": "xoxb-local", "x": "1"})
    call = (await here.people.calls("auth.test"))[0]
    assert (call.direction, call.status, call.answer["ok"]) == ("to_slack", 200, True)
    assert call.arguments == {"x": "1"}
    assert call.seconds >= 0
    await here.people.forget("calls")
    assert not await here.people.calls()


async def test_unread_counts_go_up_and_are_read(here: Local) -> None:
    channel = await here.room(ADA, VAL)
    await here.client.chat_postMessage(channel=channel, text="x")
    await here.people.post(user=VAL, channel=channel, text="y")

    async def unread(user: str) -> int:
        return next(c.unread for c in await here.people.channels(user) if c.id == channel)

    assert (await unread(ADA), await unread(VAL)) == (2, 1)
    await here.people.mark_read(user=ADA, channel=channel)
    assert await unread(ADA) == 0


async def test_reading_what_was_read_is_no_change(here: Local) -> None:
    channel = await here.room(ADA)
    for _ in range(2):
        await here.people.mark_read(user=ADA, channel=channel)
    await here.client.conversations_create(name="last")
    events = here.slack.workspace.feed
    with events.reading(0) as found:
        events.close()
        kinds = [event.type async for event in found]
    assert kinds.count("read.marked") == 1

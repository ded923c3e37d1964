"""The Events API: what is heard, and that it comes again until it is acknowledged."""

import json

from aiohttp import web

from bot.local_slack import People
from tests.build import ADA, BOT, VAL
from tests.local_slack.support import Json, Local, local, section
from tests.serving import serving

ALL = [
    "message.channels",
    "message.groups",
    "message.im",
    "member_joined_channel",
    "app_mention",
    "channel_archive",
    "group_rename",
    "reaction_added",
    "reaction_removed",
]


class Ear:
    """A bot that only listens; the first `deaf` deliveries it refuses."""

    def __init__(self, deaf: int = 0) -> None:
        self.heard: list[tuple[Json, dict[str, str]]] = []
        self.deaf = deaf
        self.app = web.Application()
        self.app.router.add_post("/", self.listen)

    async def listen(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append((json.loads(await request.read()), headers))
        return web.Response(status=500 if len(self.heard) <= self.deaf else 200)

    async def events(self, people: People, count: int) -> list[Json]:
        await people.wait_until(people.calls, lambda _: len(self.heard) >= count)
        return [body["event"] for body, _ in self.heard]


async def test_messages_are_heard_by_kind_of_channel() -> None:
    ear = Ear()
    async with local(events=ALL) as here, serving(ear.app) as url:
        here.slack.set_request_url(f"{url}/")
        channel = await here.room(ADA)
        await here.people.post(user=ADA, channel=channel, text="in the room")
        await here.people.post(user=ADA, channel=BOT, text="to you")
        events = await ear.events(here.people, 4)
    texts = {event.get("text"): event["channel_type"] for event in events}
    assert texts["in the room"] == "group"
    assert texts["to you"] == "im"
    joined = next(event for event in events if event["type"] == "member_joined_channel")
    assert (joined["user"], joined["inviter"], joined["channel"]) == (ADA, BOT, channel)


async def test_nothing_is_heard_of_where_the_bot_is_not() -> None:
    ear = Ear()
    async with local(events=ALL) as here, serving(ear.app) as url:
        here.slack.set_request_url(f"{url}/")
        await here.people.post(user=ADA, channel="general", text="among us")
        await here.client.conversations_join(channel="C0GENERAL")
        await here.people.post(user=ADA, channel="general", text=f"<@{BOT}> hello")
        events = await ear.events(here.people, 4)
    assert "among us" not in [event.get("text") for event in events]
    assert "app_mention" in [event["type"] for event in events]


async def test_what_happens_to_a_channel_is_heard() -> None:
    ear = Ear()
    async with local(events=ALL) as here, serving(ear.app) as url:
        channel = await here.room(ADA)
        public = await here.room(ADA, name="open", private=False)
        ts = (await here.client.chat_postMessage(channel=channel, text="x"))["ts"]
        here.slack.set_request_url(f"{url}/")
        await here.people.rename(user=ADA, channel=channel, name="other")
        await here.people.archive(user=ADA, channel=public)
        for _ in range(2):
            await here.people.react(user=ADA, channel=channel, ts=ts, name="eyes")
        await here.people.wait_until(
            here.people.calls,
            lambda calls: (
                {"group_rename", "channel_archive", "reaction_added", "reaction_removed"}
                <= {call.method for call in calls}
            ),
        )
    heard = {body["event"]["type"]: body["event"] for body, _ in ear.heard}
    assert {"group_rename", "channel_archive", "reaction_added"} <= set(heard)
    for kind in ("reaction_added", "reaction_removed"):
        assert (heard[kind]["user"], heard[kind]["item_user"]) == (ADA, BOT)


async def test_an_event_says_what_it_was_before_and_whom_it_is_about() -> None:
    ear = Ear()
    subscribed = [*ALL, "group_archive", "group_unarchive", "pin_added", "pin_removed"]
    async with local(events=subscribed) as here, serving(ear.app) as url:
        channel = await here.room(ADA, VAL)
        ts = (await here.client.chat_postMessage(channel=channel, text="before"))["ts"]
        here.slack.set_request_url(f"{url}/")
        await here.client.chat_update(channel=channel, ts=ts, text="after")
        await here.people.post(user=ADA, channel=channel, text=f"<@{BOT}> look")
        await here.client.pins_add(channel=channel, timestamp=ts)
        await here.client.pins_remove(channel=channel, timestamp=ts)
        await here.client.conversations_setTopic(channel=channel, topic="Tea")
        await here.people.rename(user=ADA, channel=channel, name="other")
        await here.people.archive(user=VAL, channel=channel)
        await here.people.archive(user=VAL, channel=channel, archived=False)
        events = await ear.events(here.people, 10)
    heard = {event.get("subtype", event["type"]): event for event in events}
    changed = heard["message_changed"]
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("before", "after")
    assert "channel_type" not in heard["app_mention"]
    assert heard["pin_added"]["item"]["message"]["text"] == "after"
    assert heard["pin_added"]["pinned_info"]["pinned_by"] == heard["pin_added"]["user"] == BOT
    assert (heard["pin_removed"]["pin_count"], heard["pin_removed"]["has_pins"]) == ("0", False)
    assert heard["group_topic"]["topic"] == "Tea"
    assert (heard["group_name"]["old_name"], heard["group_name"]["name"]) == ("room", "other")
    assert heard["group_rename"]["channel"]["name_normalized"] == "other"


async def test_an_event_that_is_not_acknowledged_comes_again_with_the_same_id() -> None:
    ear = Ear(deaf=3)
    async with local(events=ALL, minute=0.01) as here, serving(ear.app) as url:
        here.slack.set_request_url(f"{url}/")
        await here.people.post(user=ADA, channel=BOT, text="again")
        await ear.events(here.people, 4)
        calls = await here.people.wait_until(
            lambda: here.people.calls("message"), lambda calls: len(calls) >= 4
        )
    assert [call.status for call in calls] == [500, 500, 500, 200]
    assert len({body["event_id"] for body, _ in ear.heard}) == 1
    retries = [headers.get("x-slack-retry-num") for _, headers in ear.heard]
    assert retries == [None, "1", "2", "3"]
    assert ear.heard[1][1]["x-slack-retry-reason"] == "http_error"


async def test_nothing_is_sent_without_a_subscription(here: Local) -> None:
    ear = Ear()
    async with serving(ear.app) as url:
        here.slack.set_request_url(f"{url}/")
        await here.people.post(user=ADA, channel=BOT, text="x")
        opened = await here.people.open_home(user=ADA)
    assert opened.answer is not None
    assert [body["event"]["type"] for body, _ in ear.heard] == ["app_home_opened"]


async def test_a_home_tab_that_was_published_is_shown_when_it_is_opened(here: Local) -> None:
    ear = Ear()
    async with serving(ear.app) as url:
        here.slack.set_request_url(f"{url}/")
        await here.people.open_home(user=ADA)
        view = {"type": "home", "callback_id": "mine", "blocks": [section()]}
        published = (await here.client.views_publish(user_id=ADA, view=view))["view"]
        await here.people.open_home(user=ADA)
        first, second = await ear.events(here.people, 2)
    assert "view" not in first
    assert second["view"] == published

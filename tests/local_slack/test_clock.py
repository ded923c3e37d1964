"""What happens in the workspace is dated by its clock, which tests and demonstrations move."""

from bot.local_slack import LocalSlack, LocalSlackConfig, People
from tests.build import ADA, BOT
from tests.local_slack.support import Local, client_of, refusal

NOON = 1_795_262_400


class Clock:
    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


async def test_everything_that_happens_is_dated_by_the_clock() -> None:
    clock = Clock()
    config = LocalSlackConfig(edit_window_minutes=10)
    async with LocalSlack(config, clock=clock) as slack, People(slack.url) as people:
        here = Local(slack, people, client_of(slack))
        channel = await here.room(ADA)
        clock.now += 60
        ts = (await here.client.chat_postMessage(channel=channel, text="x"))["ts"]
        await here.client.pins_add(channel=channel, timestamp=ts)
        assert NOON <= (await people.calls("pins.add"))[-1].started <= clock.now
        await here.client.conversations_setTopic(channel=channel, topic="Due")
        link = {"channel_id": channel, "title": "x", "type": "link", "link": "https://acme.test"}
        bookmark = (await here.client.bookmarks_add(**link))["bookmark"]
        file = await here.client.files_upload_v2(channel=channel, filename="a", content="abc")
        shown = (await here.client.conversations_info(channel=channel))["channel"]
        pin = (await here.client.pins_list(channel=channel))["items"][0]
        direct = (await here.client.conversations_open(users=ADA, return_im=True))["channel"]
    assert shown["created"] == NOON
    dates = [shown["topic"]["last_set"], pin["created"], bookmark["date_created"]]
    assert dates == [NOON + 60] * 3
    assert (file["file"]["created"], direct["created"]) == (NOON + 60, NOON + 60)
    assert int(float(ts)) == NOON + 60


async def test_the_time_to_edit_ends_by_the_clock() -> None:
    clock = Clock()
    config = LocalSlackConfig(edit_window_minutes=10)
    async with LocalSlack(config, clock=clock) as slack:
        client = client_of(slack)
        posted = await client.chat_postMessage(channel=ADA, text="x")
        channel, ts = str(posted["channel"]), str(posted["ts"])
        clock.now += 599
        assert (await client.chat_update(channel=channel, ts=ts, text="y"))["ok"]
        clock.now += 2
        refused = await refusal(client.chat_update(channel=channel, ts=ts, text="z"))
    assert refused["error"] == "edit_window_closed"


async def test_timestamps_rise_while_the_clock_stands_still() -> None:
    async with LocalSlack(clock=Clock()) as slack, People(slack.url) as people:
        stamps = [
            (await people.post(user=ADA, channel=BOT, text=str(number))).ts for number in range(3)
        ]
    assert stamps == sorted(set(stamps))
    assert {int(float(ts)) for ts in stamps} == {NOON}


async def test_limits_count_by_the_clock_and_begin_anew_where_it_is_set_back() -> None:
    clock = Clock()
    async with LocalSlack(LocalSlackConfig(), clock=clock) as slack:
        client = client_of(slack)

        async def burst() -> None:
            for _ in range(5):
                await client.chat_postMessage(channel=ADA, text="x")
            refused = await refusal(client.chat_postMessage(channel=ADA, text="x"))
            assert refused["error"] == "ratelimited"

        await burst()
        clock.now += 60
        await burst()
        clock.now -= 30
        await burst()

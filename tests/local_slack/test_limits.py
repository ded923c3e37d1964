"""Rate limits: a tier for each method, one message a second in each channel."""

import pytest
from slack_sdk.errors import SlackApiError

from tests.build import ADA, BOT, VAL
from tests.local_slack.support import Local, local, refusal


async def calls_until_limited(here: Local, method: str, most: int) -> int:
    taken = 0
    while taken < most:
        try:
            await here.client.api_call(method, params={"user": ADA, "limit": 1})
        except SlackApiError as error:
            limited = error.response
            break
        taken += 1
    else:
        return most
    assert limited.status_code == 429
    assert dict(limited.data) == {"ok": False, "error": "ratelimited"}
    assert 1 <= int(limited.headers["Retry-After"]) <= 60
    return taken


@pytest.mark.parametrize(
    ("method", "tier"),
    [("users.list", 20), ("users.conversations", 50), ("users.info", 100)],
)
async def test_a_method_takes_its_tier_a_minute(here: Local, method: str, tier: int) -> None:
    assert await calls_until_limited(here, method, 200) == tier


async def test_the_limit_of_one_method_is_not_that_of_another(here: Local) -> None:
    await calls_until_limited(here, "users.list", 21)
    assert (await here.client.users_info(user=ADA))["ok"]


async def test_a_channel_takes_a_short_burst_and_then_one_a_second(here: Local) -> None:
    first = await here.room(name="first")
    second = await here.room(name="second")
    for number in range(5):
        await here.client.chat_postMessage(channel=first, text=str(number))
    assert (await refusal(here.client.chat_postMessage(channel=first, text="x")))[
        "error"
    ] == "ratelimited"
    assert (await here.client.chat_postMessage(channel=second, text="x"))["ok"]


async def test_a_person_and_their_direct_messages_are_one_channel(here: Local) -> None:
    direct = (await here.client.chat_postMessage(channel=ADA, text="x"))["channel"]
    for channel in (ADA, direct, ADA, direct):
        await here.client.chat_postMessage(channel=channel, text="x")
    refused = await refusal(here.client.chat_postMessage(channel=direct, text="x"))
    assert refused["error"] == "ratelimited"
    assert (await here.client.chat_postMessage(channel=VAL, text="x"))["ok"]


async def test_a_workspace_takes_four_hundred_messages_a_minute() -> None:
    names = [f"c-{number}" for number in range(81)]
    channels = [{"id": f"C{name}", "name": name, "members": [BOT]} for name in names]
    async with local(channels=channels) as here:
        for name in names[:80]:
            for _ in range(5):
                await here.client.chat_postMessage(channel=name, text="x")
        refused = await refusal(here.client.chat_postMessage(channel=names[80], text="x"))
    assert refused["error"] == "ratelimited"


@pytest.mark.parametrize("changes", [{"rate_limits": False}, {"minute": 1e-6}])
async def test_limits_can_be_switched_off_or_sped_up(changes: dict[str, object]) -> None:
    async with local(**changes) as here:
        assert await calls_until_limited(here, "users.list", 30) == 30

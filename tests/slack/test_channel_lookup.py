from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.channel_names import channel_name
from bot.integrations.slack.deliver.channels import Channels
from bot.local_slack import LocalSlack
from tests.build import POLICY, room


async def test_a_channel_that_was_perhaps_made_is_found_by_the_rooms_id_in_its_name(
    slack: LocalSlack,
) -> None:
    """Also under the name that a version before gave it."""
    client = AsyncWebClient(slack.config.bot_token, base_url=slack.api_url)
    before, now = room().but(id="room000001"), room().but(id="room000002")
    made = await client.conversations_create(name=f"wr-{POLICY.id}-{before.id}", is_private=True)
    channels = Channels(client)
    first = await channels.open(now, look_first=True)
    assert await channels.open(before, look_first=True) == made["channel"]["id"] != first
    assert await channels.open(now, look_first=True) == first
    names = (await client.conversations_list(types="private_channel"))["channels"]
    assert channel_name(now) in [channel["name"] for channel in names]

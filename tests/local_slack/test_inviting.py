"""How people and the bot get into a channel."""

import pytest

from bot.local_slack import RefusedError
from tests.build import ADA, BEA, BOT, JUDE, VAL
from tests.local_slack.support import Local, local


async def invite(here: Local, typed: str, channel: str = "general", user: str = ADA) -> None:
    said = await here.people.command(user=user, channel=channel, text=f"/invite {typed}".strip())
    assert said.answer.acked


async def members(here: Local, channel: str) -> set[str]:
    found = (await here.people.state()).channel(channel)
    assert found is not None
    return set(found.members)


async def test_somebody_invites_the_bot_into_a_channel(here: Local) -> None:
    await invite(here, "@bot")
    assert BOT in await members(here, "general")
    assert (await here.client.chat_postMessage(channel="C0GENERAL", text="here"))["ok"]


async def test_several_are_invited_by_name_or_id() -> None:
    async with local(commands=["/ask"]) as here:
        channel = await here.room(ADA)
        await invite(here, f"@val <@{JUDE}|jude>", channel)
        assert await members(here, channel) == {ADA, BOT, VAL, JUDE}
        assert not await here.people.calls("command")


@pytest.mark.parametrize(
    ("typed", "error", "reason"),
    [
        ("", "no_user", "@name"),
        ("val", "no_user", "@name"),
        ("@nobody", "user_not_found", "@nobody"),
        ("@val @nobody", "user_not_found", "@nobody"),
        ("@bea", "user_not_found", BEA),
        ("@ada", "already_in_channel", "@ada"),
    ],
)
async def test_who_cannot_be_invited_is_named(
    here: Local, typed: str, error: str, reason: str
) -> None:
    channel = await here.room(ADA)
    await here.people.change_person(BEA, deactivated=True)
    with pytest.raises(RefusedError, match=reason) as refused:
        await invite(here, typed, channel)
    assert refused.value.error == error
    assert await members(here, channel) == {ADA, BOT}


async def test_nobody_is_invited_into_direct_messages(here: Local) -> None:
    await here.client.conversations_open(users=ADA)
    with pytest.raises(RefusedError, match="no channel"):
        await invite(here, "@val", BOT)


async def test_only_who_is_in_a_channel_invites(here: Local) -> None:
    channel = await here.room(private=False)
    with pytest.raises(RefusedError) as refused:
        await invite(here, "@val", channel)
    assert refused.value.error == "not_in_channel"

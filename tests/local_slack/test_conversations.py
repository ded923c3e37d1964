"""Channels behave as Slack's do: names, visibility, archiving, paging."""

import pytest

from tests.build import ADA, BOT, VAL
from tests.local_slack.support import Local, local, refusal


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("a" * 81, "invalid_name_maxlength"),
        ("Upper", "invalid_name_specials"),
        ("with space", "invalid_name_specials"),
        ("a.b", "invalid_name_specials"),
        ("---", "invalid_name_punctuation"),
    ],
)
async def test_a_bad_name_is_refused_by_its_own_error(here: Local, name: str, error: str) -> None:
    assert (await refusal(here.client.conversations_create(name=name)))["error"] == error


async def test_eighty_characters_are_a_name(here: Local) -> None:
    made = await here.client.conversations_create(name="a" * 80)
    assert made["channel"]["name"] == "a" * 80


async def test_an_archived_channel_keeps_its_name(here: Local) -> None:
    channel = await here.room(private=False)
    await here.client.conversations_archive(channel=channel)
    assert (await refusal(here.client.conversations_create(name="room")))["error"] == "name_taken"


async def test_archiving_ejects_the_bot(here: Local) -> None:
    channel = await here.room(ADA, private=False)
    await here.client.conversations_archive(channel=channel)
    assert not (await here.client.conversations_info(channel=channel))["channel"]["is_member"]
    again = await refusal(here.client.conversations_archive(channel=channel))
    assert again["error"] == "already_archived"
    posted = await refusal(here.client.chat_postMessage(channel=channel, text="late"))
    assert posted["error"] == "is_archived"


async def test_a_bot_opens_no_archived_channel_again(here: Local) -> None:
    channel = await here.room(ADA, private=False)
    early = await refusal(here.client.conversations_unarchive(channel=channel))
    await here.client.conversations_archive(channel=channel)
    late = await refusal(here.client.conversations_unarchive(channel=channel))
    direct = (await here.client.conversations_open(users=ADA))["channel"]["id"]
    never = await refusal(here.client.conversations_unarchive(channel=direct))
    assert (early["error"], late["error"]) == ("not_archived", "not_in_channel")
    assert never["error"] == "method_not_supported_for_channel_type"
    await here.people.archive(user=ADA, channel=channel, archived=False)
    shown = (await here.client.conversations_info(channel=channel))["channel"]
    assert (shown["is_archived"], shown["is_member"]) == (False, False)


async def test_the_conversations_of_the_bot_and_those_it_shares_with_a_person(here: Local) -> None:
    await here.room(ADA, name="shared")
    await here.room(name="own", private=False)
    await here.people.create(user=ADA, name="secret", private=True)
    kinds = "public_channel,private_channel,im"
    await here.client.conversations_open(users=ADA)

    async def names(user: str | None = None) -> list[str | None]:
        answer = await here.client.users_conversations(types=kinds, user=user)
        return [channel.get("name") for channel in answer["channels"]]

    assert await names() == ["shared", "own", None]
    assert await names(ADA) == ["general", "shared", None]
    assert await names(VAL) == ["general"]
    listed = (await here.client.users_conversations(limit=1))["channels"]
    assert [channel["name"] for channel in listed] == ["own"]
    assert "is_member" not in listed[0]
    nobody = await refusal(here.client.users_conversations(user="U0NONE"))
    wrong = await refusal(here.client.users_conversations(types="channel"))
    assert (nobody["error"], wrong["error"]) == ("user_not_found", "invalid_types")


async def test_the_team_has_a_name(here: Local) -> None:
    team = (await here.client.team_info())["team"]
    assert (team["id"], team["name"], team["domain"]) == ("T0ACME", "Acme", "acme")
    assert (await here.client.team_info(team="T0ACME"))["team"] == team
    other = await refusal(here.client.team_info(team="T0NONE"))
    domain = await refusal(here.client.team_info(domain="acme"))
    assert (other["error"], domain["error"]) == ("team_not_found", "team_not_on_enterprise")


async def test_a_private_channel_is_not_there_for_who_is_not_in_it(here: Local) -> None:
    made = await here.people.create(user=ADA, name="secret", private=True)
    assert (await refusal(here.client.conversations_info(channel=made.id)))[
        "error"
    ] == "channel_not_found"
    listed = await here.client.conversations_list(types="public_channel,private_channel")
    assert "secret" not in [channel["name"] for channel in listed["channels"]]
    assert "secret" not in [channel.name for channel in await here.people.channels(VAL)]
    assert "secret" in [channel.name for channel in await here.people.channels(ADA)]


async def test_a_public_channel_is_seen_and_not_written_to_before_joining(here: Local) -> None:
    general = await refusal(here.client.chat_postMessage(channel="C0GENERAL", text="hi"))
    assert general["error"] == "not_in_channel"
    await here.client.conversations_join(channel="C0GENERAL")
    assert (await here.client.chat_postMessage(channel="#general", text="hi"))["ok"]


async def test_topic_and_purpose_are_set_and_measured(here: Local) -> None:
    channel = await here.room()
    await here.client.conversations_setTopic(channel=channel, topic="Due at 14:00")
    await here.client.conversations_setPurpose(channel=channel, purpose="Decide")
    shown = (await here.client.conversations_info(channel=channel))["channel"]
    assert (shown["topic"]["value"], shown["purpose"]["value"]) == ("Due at 14:00", "Decide")
    long = await refusal(here.client.conversations_setTopic(channel=channel, topic="x" * 251))
    assert long["error"] == "too_long"


async def test_how_many_are_in_a_channel_is_told_where_it_is_asked(here: Local) -> None:
    made = (await here.client.conversations_create(name="few"))["channel"]
    listed = (await here.client.conversations_list())["channels"]
    plain = (await here.client.conversations_info(channel=made["id"]))["channel"]
    asked = await here.client.conversations_info(channel=made["id"], include_num_members=True)
    assert [one["num_members"] for one in listed if one["id"] == made["id"]] == [1]
    assert asked["channel"]["num_members"] == 1
    assert "num_members" not in made.keys() | plain.keys()


async def test_a_rename_frees_the_old_name(here: Local) -> None:
    channel = await here.room()
    await here.client.conversations_rename(channel=channel, name="other")
    assert await here.room() != channel
    taken = await refusal(here.client.conversations_rename(channel=channel, name="room"))
    assert taken["error"] == "name_taken"


async def test_lists_come_in_pages(here: Local) -> None:
    for number in range(5):
        await here.room(name=f"page-{number}", private=False)
    names, cursor, pages = [], "", 0
    while True:
        page = await here.client.conversations_list(limit=2, cursor=cursor)
        names += [channel["name"] for channel in page["channels"]]
        cursor, pages = page["response_metadata"]["next_cursor"], pages + 1
        if not cursor:
            break
    assert names == ["general", *(f"page-{number}" for number in range(5))]
    assert pages == 3
    bad = await refusal(here.client.conversations_list(cursor="nonsense"))
    assert bad["error"] == "invalid_cursor"


async def test_an_invitation_fails_whole_or_is_forced(here: Local) -> None:
    channel = await here.room()
    refused = await refusal(here.client.conversations_invite(channel=channel, users=f"{ADA},UNONE"))
    assert refused["error"] == "user_not_found"
    assert refused["errors"] == [{"user": "UNONE", "ok": False, "error": "user_not_found"}]
    assert (await here.client.conversations_members(channel=channel))["members"] == [BOT]
    forced = await here.client.conversations_invite(
        channel=channel, users=f"{ADA},UNONE", force=True
    )
    assert forced["errors"][0]["user"] == "UNONE"
    assert (await here.client.conversations_members(channel=channel))["members"] == [BOT, ADA]


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "no_user"),
        (BOT, "cant_invite_self"),
        (ADA, "already_in_channel"),
        (",".join(f"U{number}" for number in range(101)), "too_many_users"),
    ],
)
async def test_who_cannot_be_invited(here: Local, users: str, error: str) -> None:
    channel = await here.room(ADA)
    refused = await refusal(here.client.conversations_invite(channel=channel, users=users))
    assert refused["error"] == error


async def test_a_deactivated_person_cannot_be_invited(here: Local) -> None:
    await here.people.change_person(VAL, deactivated=True)
    refused = await refusal(here.client.conversations_invite(channel=await here.room(), users=VAL))
    assert refused["error"] == "user_not_found"


async def test_kicking(here: Local) -> None:
    channel = await here.room(ADA)
    await here.client.conversations_kick(channel=channel, user=ADA)
    again = await refusal(here.client.conversations_kick(channel=channel, user=ADA))
    assert again["error"] == "not_in_channel"
    own = await refusal(here.client.conversations_kick(channel=channel, user=BOT))
    assert own["error"] == "cant_kick_self"


async def test_a_direct_message_is_opened_once(here: Local) -> None:
    first = await here.client.conversations_open(users=ADA)
    again = await here.client.conversations_open(users=ADA, return_im=True)
    assert first["channel"]["id"].startswith("D")
    assert again["channel"]["id"] == first["channel"]["id"]
    assert again["already_open"]
    group = await here.client.conversations_open(users=[ADA, VAL])
    assert group["channel"]["id"].startswith("G")


async def test_a_deactivated_person_has_no_direct_messages() -> None:
    people = [{"id": "U1", "name": "gone", "deactivated": True}]
    async with local(people=people) as here:
        opened = await refusal(here.client.conversations_open(users="U1"))
        posted = await refusal(here.client.chat_postMessage(channel="U1", text="hi"))
    assert (opened["error"], posted["error"]) == ("user_disabled", "channel_not_found")


async def test_another_bot_has_no_direct_messages_with_ours() -> None:
    people = [{"id": "U1", "name": "hook", "bot": True}]
    async with local(people=people) as here:
        opened = await refusal(here.client.conversations_open(users="U1"))
        posted = await refusal(here.client.chat_postMessage(channel="U1", text="hi"))
    assert (opened["error"], posted["error"]) == ("cannot_dm_bot", "channel_not_found")


async def test_each_kind_of_conversation_is_named_as_slack_names_it(here: Local) -> None:
    client = here.client
    kinds = ("is_channel", "is_group", "is_im", "is_mpim", "is_private")

    async def flags(channel: str) -> list[bool | None]:
        shape = (await client.conversations_info(channel=channel))["channel"]
        return [shape.get(kind) for kind in kinds]

    direct = (await client.conversations_open(users=[ADA]))["channel"]["id"]
    group = (await client.conversations_open(users=[ADA, VAL]))["channel"]["id"]
    assert await flags("C0GENERAL") == [True, False, False, False, False]
    assert await flags(await here.room()) == [True, False, False, False, True]
    assert await flags(direct) == [None, None, True, None, None]
    assert await flags(group) == [False, True, False, True, True]


async def test_the_bot_leaves_a_channel_that_others_stay_in(here: Local) -> None:
    client = here.client
    alone = await refusal(client.conversations_leave(channel=await here.room(name="alone")))
    assert alone["error"] == "last_member"
    channel = await here.room(ADA, private=False)
    assert (await client.conversations_leave(channel=channel))["ok"]
    gone = (await here.people.state()).channel(channel)
    assert gone is not None
    assert gone.members == (ADA,)
    again = await refusal(client.conversations_leave(channel=channel))
    assert again == {"ok": False, "not_in_channel": True}
    await client.conversations_join(channel="C0GENERAL")
    general = await refusal(client.conversations_leave(channel="C0GENERAL"))
    assert general["error"] == "cant_leave_general"
    direct = (await client.conversations_open(users=[ADA]))["channel"]["id"]
    refused = await refusal(client.conversations_leave(channel=direct))
    assert refused["error"] == "method_not_supported_for_channel_type"


async def test_the_bot_marks_how_far_it_has_read(here: Local) -> None:
    client, channel = here.client, await here.room(ADA)
    for text in ("one", "two"):
        await here.people.post(user=ADA, channel=channel, text=text)
    one = (await here.people.messages(ADA, channel))[-2]
    await client.conversations_mark(channel=channel, ts=one.ts)
    assert (await client.conversations_info(channel=channel))["channel"]["last_read"] == one.ts
    for ts, place, error in (
        ("soon", channel, "invalid_timestamp"),
        (one.ts, "C0GENERAL", "not_in_channel"),
        (one.ts, "C0NONE", "channel_not_found"),
    ):
        refused = await refusal(client.conversations_mark(channel=place, ts=ts))
        assert refused["error"] == error

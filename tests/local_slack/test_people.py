"""users.* and usergroups.*: who is found, and how."""

import pytest

from bot.local_slack import LocalSlackConfig, RefusedError
from tests.build import ADA
from tests.local_slack.support import Local, local, refusal

PEOPLE = [
    {"id": "U1", "name": "here", "email": "Here@acme.test"},
    {"id": "U2", "name": "mute"},
    {"id": "U3", "name": "gone", "email": "gone@acme.test", "deactivated": True},
    {"id": "U4", "name": "visitor", "email": "visitor@acme.test", "guest": True},
]


async def test_only_active_people_are_found_by_their_address() -> None:
    async with local(people=PEOPLE) as here:
        found = await here.client.users_lookupByEmail(email="here@acme.test")
        gone = await refusal(here.client.users_lookupByEmail(email="gone@acme.test"))
        nobody = await refusal(here.client.users_lookupByEmail(email="no@acme.test"))
    assert found["user"]["id"] == "U1"
    assert gone["error"] == nobody["error"] == "users_not_found"


async def test_what_is_shown_of_a_person() -> None:
    async with local(people=PEOPLE) as here:
        shown = {
            id_: (await here.client.users_info(user=id_))["user"] for id_ in ("U2", "U3", "U4")
        }
        missing = await refusal(here.client.users_info(user="U9"))
    assert "email" not in shown["U2"]["profile"]
    assert shown["U3"]["deleted"]
    assert shown["U4"]["is_restricted"]
    assert missing["error"] == "user_not_found"


async def test_addresses_are_shown_only_with_the_scope() -> None:
    async with local(scopes=["users:read"]) as here:
        shown = (await here.client.users_info(user=ADA))["user"]
    assert "email" not in shown["profile"]


async def test_the_list_of_users_comes_in_pages(here: Local) -> None:
    first = await here.client.users_list(limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await here.client.users_list(limit=3, cursor=cursor)
    names = [member["name"] for member in [*first["members"], *second["members"]]]
    assert names == ["ada", "val", "jude", "bea", "bot"]


@pytest.mark.parametrize("include", [True, False])
async def test_user_groups_come_from_the_configuration(include: bool) -> None:
    groups = [{"id": "S1", "handle": "privacy", "users": [ADA]}]
    async with local(usergroups=groups) as here:
        listed = (await here.client.usergroups_list(include_users=include))["usergroups"]
        members = (await here.client.usergroups_users_list(usergroup="S1"))["users"]
        missing = await refusal(here.client.usergroups_users_list(usergroup="S2"))
    assert listed[0]["handle"] == "privacy"
    assert ("users" in listed[0]) is include
    assert members == [ADA]
    assert missing["error"] == "no_such_subteam"


async def test_an_app_finds_out_which_it_is_by_its_bot(here: Local) -> None:
    bot = (await here.client.auth_test())["bot_id"]
    assert (await here.client.bots_info(bot=bot))["bot"]["app_id"] == here.slack.config.app_id
    other = await refusal(here.client.bots_info(bot="B0OTHER"))
    assert other["error"] == "bot_not_found"


async def test_which_app_it_is_takes_the_scope_to_read_users() -> None:
    async with local(scopes=["chat:write"]) as here:
        refused = await refusal(here.client.bots_info(bot=here.slack.config.bot_id))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read")


async def test_an_app_of_a_whole_enterprise_is_said_to_be() -> None:
    async with local(enterprise_id="E0ACME", enterprise_install=True) as here:
        who = await here.client.auth_test()
    assert who["is_enterprise_install"]
    assert (who["enterprise_id"], who["team_id"]) == ("E0ACME", "E0ACME")


async def test_a_group_is_who_was_put_into_it_last() -> None:
    group = {"id": "S1", "handle": "law", "users": ["U1", "U2"]}
    async with local(people=PEOPLE, usergroups=[group], channels=[]) as here:
        await here.people.change_usergroup("S1", "U2", "U4")
        told = await here.client.usergroups_users_list(usergroup="S1")
        with pytest.raises(RefusedError, match="no_such_subteam"):
            await here.people.change_usergroup("S9", "U2")
    assert told["users"] == ["U2", "U4"]


async def test_bots_and_people_of_other_workspaces_are_shown_as_such() -> None:
    people = [
        {"id": "U1", "name": "guest", "team_id": "T0OTHER"},
        {"id": "U2", "name": "hook", "bot": True},
    ]
    async with local(people=people) as here:
        shown = {id_: (await here.client.users_info(user=id_))["user"] for id_ in ("U1", "U2")}
    assert (shown["U1"]["team_id"], shown["U1"]["is_bot"]) == ("T0OTHER", False)
    assert (shown["U2"]["team_id"], shown["U2"]["is_bot"]) == ("T0ACME", True)


PROFILES = {
    "profile_fields": [{"id": "Xf0GITHUB", "label": "GitHub"}],
    "people": [{"id": "U1", "name": "here", "fields": {"Xf0GITHUB": "here-gh"}}, PEOPLE[1]],
}


async def test_custom_fields_are_in_each_persons_profile_alone() -> None:
    async with local(**PROFILES) as here:
        one = (await here.client.users_profile_get(user="U1"))["profile"]
        labelled = (await here.client.users_profile_get(user="U1", include_labels=True))["profile"]
        none = (await here.client.users_profile_get(user="U2"))["profile"]
        listed = (await here.client.users_list())["members"]
        missing = await refusal(here.client.users_profile_get(user="U9"))
    assert one["fields"] == {"Xf0GITHUB": {"value": "here-gh", "alt": ""}}
    assert labelled["fields"]["Xf0GITHUB"]["label"] == "GitHub"
    assert none["fields"] == []
    assert all("fields" not in member["profile"] for member in listed)
    assert missing["error"] == "user_not_found"


async def test_the_fields_that_profiles_have_are_told_by_the_team() -> None:
    async with local(**PROFILES) as here:
        fields = (await here.client.team_profile_get())["profile"]["fields"]
    assert [(field["id"], field["label"]) for field in fields] == [("Xf0GITHUB", "GitHub")]


async def test_profiles_need_a_scope_of_their_own() -> None:
    async with local(scopes=["users:read"]) as here:
        for asked in (here.client.users_profile_get(user=ADA), here.client.team_profile_get()):
            assert (await refusal(asked))["needed"] == "users.profile:read"


def test_a_field_that_profiles_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="Xf0OTHER not among the profile_fields"):
        LocalSlackConfig.model_validate(
            {"people": [{"id": "U1", "name": "here", "fields": {"Xf0OTHER": "x"}}]}
        )

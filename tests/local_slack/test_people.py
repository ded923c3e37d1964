"""users.* and usergroups.*: who is found, and how."""

import pytest

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

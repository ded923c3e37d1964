"""Pages of other sites can't act here, nor through a name that points to this machine."""

import httpx
import pytest

from bot.local_slack.config import LocalSlackConfig
from bot.local_slack.slack_server import LocalSlack
from tests.local_slack.support import Local

FOR_PEOPLE = ["/", "/control/state", "/page/part"]
FOR_BOTS = ["/api/auth.test", "/files/F0NONE/a.txt", "/link"]


async def get(here: Local, path: str, **headers: str) -> httpx.Response:
    return await here.people.http.get(path, headers=headers)


def port(here: Local) -> str:
    return here.slack.url.rpartition(":")[2]


@pytest.mark.parametrize("path", FOR_PEOPLE)
async def test_a_name_that_is_not_this_servers_is_refused(here: Local, path: str) -> None:
    for host in ("evil.test", f"evil.test:{port(here)}", "10.0.0.1", "localhost.evil.test", "["):
        refused = await get(here, path, Host=host)
        assert (refused.status_code, refused.json()["error"]) == (403, "foreign_host")
        assert refused.json()["reason"]


@pytest.mark.parametrize("host", ["localhost:{}", "127.0.0.1:{}", "[::1]:{}", "LOCALHOST"])
async def test_this_servers_own_names_are_answered(here: Local, host: str) -> None:
    answered = await get(here, "/control/state", Host=host.format(port(here)))
    assert answered.json()["ok"]


@pytest.mark.parametrize("path", FOR_BOTS)
async def test_bots_call_by_any_name(here: Local, path: str) -> None:
    answered = await get(here, path, Host="slack:3000")
    assert "foreign" not in answered.text


@pytest.mark.parametrize("path", [*FOR_PEOPLE, *FOR_BOTS])
async def test_another_sites_page_is_refused_everywhere(here: Local, path: str) -> None:
    for origin in ("https://evil.test", "null"):
        refused = await get(here, path, Origin=origin)
        assert (refused.status_code, refused.json()["error"]) == (403, "foreign_origin")


async def test_a_page_under_a_name_that_points_here_calls_nothing(here: Local) -> None:
    name = f"evil.test:{port(here)}"
    refused = await get(here, "/api/auth.test", Host=name, Origin=f"http://{name}")
    assert (refused.status_code, refused.json()["error"]) == (403, "foreign_host")


async def test_on_another_interface_addresses_are_answered_and_names_are_not() -> None:
    async with LocalSlack(LocalSlackConfig(), host="0.0.0.0") as slack:
        url = f"http://127.0.0.1:{slack.url.rpartition(':')[2]}/control/state"
        async with httpx.AsyncClient(trust_env=False) as http:
            statuses = {
                host: (await http.get(url, headers={"Host": host})).status_code
                for host in ("192.0.2.7:3000", "[2001:db8::1]", "localhost", "evil.test")
            }
    assert list(statuses.values()) == [200, 200, 200, 403]

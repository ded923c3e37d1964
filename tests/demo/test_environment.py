"""Nothing of the user's own environment takes part, and a browser is opened where there is one."""

import os
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from bot.demo import acting
from bot.demo.browser import available
from bot.demo.stage import local_slack_config, stage
from tests.build import VAL
from tests.demo.conftest import running


async def test_settings_and_proxies_of_the_user_take_no_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "SLACK_APP_TOKEN": "xapp-theirs",
        "WARROOM_GITHUB_SECRET": "theirs",
        "WARROOM_PUBLIC_URL": "https://theirs.test",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "ALL_PROXY": "http://127.0.0.1:1",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    async with running() as demo:
        answer = await demo.taken("fine-tuning")
        name = demo.channel(answer)
        await demo.stage.people.wait_for_message(
            user=VAL, channel=name, holds=lambda message: message.pinned
        )
        assert answer["links"]["gate"].startswith(demo.stage.bot.url)
    assert {name: os.environ.get(name) for name in theirs} == theirs


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"])
async def test_the_story_asks_no_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with stage() as here:
        answer = await acting.send(here, "drift")
        assert (await acting.gate(here, answer["violation_id"], wait=0))["verdict"] == "pending"


async def test_each_run_has_tokens_of_its_own() -> None:
    one, other = local_slack_config(), local_slack_config()
    for token in ("bot_token", "app_token", "signing_secret"):
        assert getattr(one, token) != getattr(other, token)
    assert one.bot_token.startswith("xoxb-")
    assert one.app_token.startswith("xapp-")


async def test_people_live_in_the_zone_of_the_machine() -> None:
    async with running() as demo:
        everybody = (await demo.stage.people.state()).people
        zones = {person["tz"] for person in everybody if not person["is_bot"]}
        assert len(zones) == 1
        ZoneInfo(zones.pop())


@pytest.mark.parametrize(
    ("environment", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({"BROWSER": "firefox", "SSH_CONNECTION": "x"}, "linux", False),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", False),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "x"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_where_there_is_a_browser(
    environment: Mapping[str, str], platform: str, there: object
) -> None:
    assert available(environment, platform) is there

"""Where a room's link leads: to Slack, or to the Slack that runs on this machine."""

import pytest

from bot.settings import Settings


@pytest.mark.parametrize(
    ("api", "address"),
    [
        ("", "https://slack.com"),
        ("https://slack.com/api/", "https://slack.com"),
        ("http://127.0.0.1:3000/api/", "http://127.0.0.1:3000"),
        ("http://localhost:3000/api", "http://localhost:3000"),
        ("http://[::1]:3000/api", "http://[::1]:3000"),
        ("https://slack-proxy.acme.test/api/", "https://slack.com"),
        ("http://localhost.acme.test/api/", "https://slack.com"),
    ],
)
def test_only_an_api_on_this_machine_has_pages_of_its_own(api: str, address: str) -> None:
    assert Settings(slack_api_url=api).slack_address == address

"""The local Slack's file beside the configuration, by which the bot is tried without an account."""

from bot.integrations.slack.scopes import SCOPES
from bot.local_slack import load_config
from bot.yaml.reader import read
from tests.staging.environment import ROOT


def test_it_has_whom_the_configuration_names_and_what_the_app_may_do() -> None:
    config = load_config(ROOT / "config" / "local-slack.yaml")
    people = read(ROOT / "config" / "people.yaml").data["people"]
    named = {(each["slack"], name, each["email"]) for name, each in people.items()}
    assert {(each.id, each.name, each.email) for each in config.people} == named
    assert set(SCOPES) <= set(config.scopes)

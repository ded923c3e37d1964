"""The manifest asks for what the bot uses, and for nothing else."""

import json

import jsonschema
import pytest
import yaml

from bot.integrations.slack.scopes import EVENTS, SCOPES
from tests.reference import REFERENCE, with_reference
from tests.staging.environment import CONFIG

MANIFEST = yaml.safe_load((CONFIG / "slack-manifest.yaml").read_text())


def test_the_manifest_has_exactly_the_scopes_that_are_used() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)


def test_mentions_in_commands_come_as_ids() -> None:
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == [
        "/warroom"
    ]
    assert MANIFEST["features"]["slash_commands"][0]["should_escape"] is True


def test_home_and_interactivity_are_on_and_replies_in_rooms_are_heard() -> None:
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)


def test_everything_goes_to_one_address_that_is_to_be_replaced() -> None:
    urls = {
        MANIFEST["features"]["slash_commands"][0]["url"],
        MANIFEST["settings"]["event_subscriptions"]["request_url"],
        MANIFEST["settings"]["interactivity"]["request_url"],
    }
    assert urls == {"https://warroom.example.com/slack/events"}


def test_people_can_write_to_the_bot() -> None:
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"] is True
    assert MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"] is False


@pytest.mark.parametrize(
    "key", ["org_deploy_enabled", "socket_mode_enabled", "token_rotation_enabled"]
)
def test_what_needs_more_set_up_is_off(key: str) -> None:
    assert MANIFEST["settings"][key] is False


@with_reference
def test_the_manifest_is_valid_by_slacks_schema() -> None:
    schema = REFERENCE / "slack" / "manifest.schema.2.0.0.json"
    jsonschema.validate(MANIFEST, json.loads(schema.read_text()))

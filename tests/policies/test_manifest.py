"""The manifest asks for what the bot uses, and for nothing else."""

import json
from pathlib import Path

import jsonschema
import yaml

from bot.slack.scopes import SCOPES

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "config" / "slack-manifest.yaml").read_text())


def test_the_manifest_has_exactly_the_scopes_that_are_used() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)


def test_mentions_in_commands_come_as_ids() -> None:
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == [
        "/warroom"
    ]
    assert MANIFEST["features"]["slash_commands"][0]["should_escape"] is True


def test_home_and_interactivity_are_on() -> None:
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]


def test_the_manifest_is_valid_where_slacks_schema_lies_beside_the_checkout() -> None:
    schema = ROOT.parent / "shared" / "reference" / "slack" / "manifest.schema.2.0.0.json"
    if schema.exists():
        jsonschema.validate(MANIFEST, json.loads(schema.read_text()))

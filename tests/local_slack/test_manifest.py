"""What an app may do is what its manifest asks for, to the last scope."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.sandbox import sandbox
from bot.local_slack import (
    METHODS,
    ConfigError,
    LocalSlack,
    LocalSlackConfig,
    SlashCommand,
    load_config,
    read_manifest,
)
from tests.build import ADA
from tests.local_slack.support import client_of, refusal

OURS = Path(__file__).parents[2] / "config" / "slack-manifest.yaml"
SMALL = """
display_information: {name: Helper, background_color: "#ffffff"}
features:
  shortcuts:
    - {name: File it, type: message, callback_id: file, description: File a message}
  bot_user: {display_name: helper}
  slash_commands:
    - {command: /ask, description: Ask something, usage_hint: a question, should_escape: true}
oauth_config: {scopes: {bot: [chat:write, im:write]}}
settings: {event_subscriptions: {bot_events: [app_home_opened]}, socket_mode_enabled: true}
"""


def written(folder: Path, manifest: str, workspace: str = "manifest: app.yaml\n") -> Path:
    (folder / "app.yaml").write_text(manifest, encoding="utf-8")
    path = folder / "workspace.yaml"
    path.write_text(workspace, encoding="utf-8")
    return path


def test_a_workspace_takes_from_the_manifest_beside_it_what_the_app_asks_for(
    tmp_path: Path,
) -> None:
    config = load_config(written(tmp_path, SMALL))
    assert (config.app_name, config.bot_name) == ("Helper", "helper")
    assert config.scopes == ("chat:write", "im:write")
    assert config.events == ("app_home_opened",)
    asked = SlashCommand(command="/ask", description="Ask something", usage_hint="a question")
    assert config.commands == (asked,)
    (shortcut,) = config.shortcuts
    assert (shortcut.name, shortcut.type, shortcut.callback_id) == ("File it", "message", "file")


def test_what_the_workspace_says_itself_wins(tmp_path: Path) -> None:
    text = "manifest: app.yaml\nbot_name: other\ncommands: [/other]\n"
    config = load_config(written(tmp_path, SMALL, text))
    assert (config.bot_name, config.app_name) == ("other", "Helper")
    assert config.commands == (SlashCommand(command="/other"),)


def test_what_a_manifest_does_not_ask_for_the_app_does_not_have(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, "display_information: {name: Bare}"))
    assert (config.scopes, config.events, config.commands) == ((), (), ())
    assert config.bot_name == LocalSlackConfig().bot_name


def test_a_command_is_known_by_its_name_alone() -> None:
    config = LocalSlackConfig(commands=("/ask", {"command": "/tell", "description": "Tell"}))
    assert [one.command for one in config.commands or ()] == ["/ask", "/tell"]


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("features: {}", "app.yaml: display_information"),
        ("display_information: {name: ''}", "app.yaml: display_information.name"),
        (
            "{display_information: {name: x}, oauth_config: {scopes: {bot: chat:write}}}",
            "app.yaml: oauth_config.scopes.bot",
        ),
        (
            "{display_information: {name: x}, features: {slash_commands: [{command: /x}]}}",
            "app.yaml: features.slash_commands.0.description",
        ),
        ("a: [", "app.yaml: no valid YAML.*line 1"),
        ("- a", "app.yaml: must hold keys and values"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_named(tmp_path: Path, manifest: str, said: str) -> None:
    with pytest.raises(ConfigError, match="(?s)" + said):
        load_config(written(tmp_path, manifest))


@pytest.mark.parametrize(
    ("workspace", "said"),
    [
        ("manifest: none.yaml", "none.yaml: can't be read"),
        ("manifest: 7", "workspace.yaml: manifest"),
        ("{manifest: app.yaml, commands: [ask]}", "workspace.yaml: commands.0.command"),
    ],
)
def test_what_is_wrong_beside_a_manifest_is_named(
    tmp_path: Path, workspace: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(written(tmp_path, SMALL, workspace))


@pytest.mark.parametrize(
    ("scope", "method", "arguments"),
    [
        ("chat:write", "chat.postMessage", {"channel": ADA, "text": "x"}),
        ("pins:write", "pins.add", {"channel": "C0GENERAL"}),
        ("groups:write", "conversations.create", {"name": "room", "is_private": True}),
        ("channels:manage", "conversations.create", {"name": "room"}),
        ("users:read.email", "users.lookupByEmail", {"email": "ada@acme.test"}),
        ("usergroups:read", "usergroups.users.list", {"usergroup": "S0NONE"}),
    ],
)
async def test_a_scope_that_the_manifest_forgets_is_missed(
    tmp_path: Path, scope: str, method: str, arguments: dict[str, object]
) -> None:
    line = f"      - {scope}\n"
    text = OURS.read_text(encoding="utf-8")
    assert line in text
    config = load_config(written(tmp_path, text.replace(line, "")))
    assert {*config.scopes, scope} == {*read_manifest(OURS).oauth_config.scopes.bot}
    async with LocalSlack(config) as slack:
        refused = await refusal(client_of(slack).api_call(method, json=arguments))
    assert (refused["error"], refused["needed"]) == ("missing_scope", scope)
    assert refused["provided"] == ",".join(config.scopes)


def test_names_that_slack_does_not_have_are_warned_of(tmp_path: Path) -> None:
    asked = SMALL.replace("im:write", "im:writes").replace("app_home_opened", "app_home_open")
    config = load_config(written(tmp_path, asked, "manifest: app.yaml\napp_scopes: [nonsense]\n"))
    assert config.warnings == (
        "events: Slack has no app_home_open; did you mean app_home_opened?",
        "scopes: Slack has no im:writes; did you mean im:write?",
        "app_scopes: Slack has no nonsense",
    )


def test_a_workspace_warns_of_them_when_it_is_made(caplog: pytest.LogCaptureFixture) -> None:
    LocalSlack(LocalSlackConfig(events=("reaction_add",)))
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "Slack has no reaction_add; did you mean reaction_added?" in record.getMessage()


def test_the_sandbox_says_them_and_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path, SMALL.replace("app_home_opened", "app_home_open"))
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends at once
        port = str(taken.getsockname()[1])
        ended = CliRunner().invoke(sandbox, ["--config", str(path), "--port", port])
    assert "can't listen" in ended.output
    assert "events: Slack has no app_home_open; did you mean app_home_opened?" in caplog.text


def test_our_own_manifest_and_a_workspace_by_itself_have_no_such_names() -> None:
    ours = LocalSlackConfig.model_validate(read_manifest(OURS).settings())
    assert ours.warnings == LocalSlackConfig().warnings == ()


def test_every_scope_that_a_method_asks_for_is_among_the_names() -> None:
    asked = {scope for method in METHODS.values() for scope in method.all_scopes}
    assert LocalSlackConfig(scopes=tuple(asked - {"connections:write"})).warnings == ()

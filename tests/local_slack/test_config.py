"""A workspace from a file: defaults for everything, and clear words for what is wrong."""

from pathlib import Path

import pytest

from bot.local_slack.config import LocalSlackConfig, load_config
from bot.local_slack.delivery import events_api
from bot.local_slack.slack_errors import ConfigError
from bot.local_slack.state import tickets


def write(folder: Path, text: str) -> Path:
    path = folder / "workspace.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults_are_a_workspace_with_four_people() -> None:
    assert len(LocalSlackConfig().people) == 4


def test_the_deadlines_are_slacks() -> None:
    config = LocalSlackConfig()
    assert (config.ack_seconds, config.trigger_seconds, config.minute) == (3.0, 3.0, 60.0)
    assert (tickets.USES, tickets.MINUTES, events_api.RETRIES) == (5, 30, (0, 1, 5))


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "team_name: Initech\npeople: [{id: U1, name: pat}]\n"))
    assert (config.team_name, config.people[0].name, config.minute) == ("Initech", "pat", 60.0)
    assert load_config(write(tmp_path, "")) == LocalSlackConfig()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("minute: 0", "minute"),
        ("colour: red", r"colour: unknown key \(line 1\)"),
        ("people: [{id: U1}]", "people.0.name"),
        ("people: [{id: U1, name: a}, {id: U1, name: b}]", "U1 given twice"),
        ("usergroups: [{id: S1, handle: x, users: [U9]}]", "U9 not among the people"),
        ("people: [", 'workspace.yaml", line 1'),
        ("\npeeple: []", r"peeple: unknown key; did you mean people\? \(line 2\)"),
        ("people:\n- id: U1\n  nmae: a", r"people.0.nmae: .* did you mean name\? \(line 3\)"),
        ("people:\n- id: U1", r"people.0.name: Field required \(line 2\)"),
        ("- a", "keys and values"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        load_config(write(tmp_path, text))
    assert "workspace.yaml" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: can't be read"):
        load_config(tmp_path / "none.yaml")

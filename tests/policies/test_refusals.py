"""What a policy, a person or a source may not say: each refusal names its place."""

from pathlib import Path

import pytest

from bot.integrations.registry import with_built_in
from bot.policies.load import load
from tests.policies.conftest import PEOPLE, POLICIES, Refuse


def told(refused: Refuse) -> list[str]:
    """The places of all that is said."""
    return [line.split(": ")[0] for line in refused().splitlines() if ".yaml:" in line]


@pytest.mark.parametrize(
    ("found", "instead", "place", "said"),
    [
        ("window: 4h", "window: 4", "1:20", "window: found 4, need a duration"),
        ("{window: 4h}", "{retention: {high: 182d}}", "1:30", "need 183d at least"),
        (
            "{window: 4h}",
            "{high_risk: [pii], retention: {pii: 26h}}",
            "1:47",
            "pii: found 1 day 2 h, need 183d at least of a high risk",
        ),
        ("{window: 4h}", "{retention: {high: 2y}}", "1:30", "found '2y', need a duration"),
        ("{window: 4h}", "[]", "1:11", "defaults: found a list, need keys with values"),
        ("severity: high", "private: NO", "6:14", "private: found 'NO', need true or false"),
        ("severity: high", "title: ''", "6:5", "found 'title' a second time"),
        ("title: Personal data", "title: 4711", "4:12", "title: found 4711, need a text"),
        ("title: Personal data", "title:", "4:11", "title: found nothing, need text"),
        ("id: pii", "id: 4711", "3:9", "id: found 4711, need at most 60 of a-z"),
        ("id: pii", f"id: {'a' * 61}", "3:9", "need at most 60 of a-z, 0-9 and -"),
        ("severity: high", "severity: 3", "6:15", "need one of: critical, high, low, medium"),
        ("severity: high", "severity: High", "6:15", "did you mean 'high'?"),
        ("severity: high", "on_expire: allow", "6:5", "did you mean 'on_expiry'?"),
        ("severity: high", "archive_after: soon", "6:20", "archive_after: found 'soon'"),
        ("severity: high", "ladder: [{at: 0%, do: remind}]", "6:19", "above 0% and below 100%"),
        ("severity: high", "ladder: [{at: 100%, do: remind}]", "6:19", "found '100%'"),
        ("severity: high", "ladder: [{at: 25, do: remind}]", "6:19", "found 25, need a share"),
        ("severity: high", "ladder: [{at: nan%, do: remind}]", "6:19", "found 'nan%'"),
        ("severity: high", "ladder: [{at: 9%, do: remnd}]", "6:27", "did you mean 'remind'?"),
        ("severity: high", "ladder: [{at: 9%, to: remind}]", "6:14", "found no 'do'"),
        ("severity: high", "ladder: daily", "6:13", "ladder: found 'daily', need a list of steps"),
        (
            "severity: high",
            "ladder: [{at: 9%, do: remind}, {at: 9%, do: remind}]",
            "6:13",
            "found remind at 0.09 of the window twice",
        ),
        ("severity: high", "override: {min_justification: 3001}", "6:35", "from 1 to 3000"),
        ("severity: high", "override: {min_justification: '9'}", "6:35", "found '9'"),
        ("severity: high", "override: {max_validty: 1d}", "6:16", "did you mean 'max_validity'?"),
        ("severity: high", "reasons: {approve: yes}", "6:24", "one of: optional, required"),
        ("severity: high", "reasons: {approve: requird}", "6:24", "did you mean 'required'?"),
        ("severity: high", "reasons: {dismiss: }", "6:23", "found nothing, need optional"),
        (
            "severity: high",
            "reasons: {min_length: 0}",
            "6:27",
            "a number of letters and digits from 1",
        ),
        ("severity: high", "reasons: {reject: optional}", "6:15", "unknown key 'reject'"),
        ("severity: high", "storm: {rooms: 0}", "6:20", "rooms: found 0, need a number of rooms"),
        ("severity: high", "storm: {within: 5}", "6:21", "within: found 5, need a duration"),
        ("severity: high", "storm: 10", "6:12", "storm: found 10"),
        ("severity: high", "storm: {room: 9}", "6:13", "did you mean 'rooms'?"),
        ("from: jude", "from: []", "9:27", "from: found a list, need a person"),
        ("from: jude", "fro: jude", "9:21", "did you mean 'from'?"),
        ("from: privacy", "from: [val, bae]", "8:31", "did you mean 'bea'?"),
        ("{from: privacy}", "[val, bae]", "8:24", "did you mean 'bea'?"),
        ("{from: privacy}", "", "8:17", "validator: found nothing"),
        ("from: privacy", "from: [S0ONE, S0TWO]", "8:33", "one Slack user group at most"),
        ("from: privacy", "from: s0privacy", "8:25", "found the unknown person or group"),
        ("      validator: {from: privacy}\n", "", "8:7", "found no 'validator'"),
        ("adjudicator:", "adjudicater:", "9:7", "did you mean 'adjudicator'?"),
        ("defaults:", "default:", "1:1", "did you mean 'defaults'?"),
    ],
)
def test_a_policy_that_says_what_it_may_not_is_refused_with_its_place(
    folder: Path, refused: Refuse, found: str, instead: str, place: str, said: str
) -> None:
    assert found in POLICIES
    (folder / "policies.yaml").write_text(POLICIES.replace(found, instead, 1))
    line = next(line for line in refused().splitlines() if said in line)
    assert line.startswith(f"policies.yaml:{place}: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "policies.yaml:1:1: the file: found a list, need keys with values"),
        ("defaults: {}\n", "policies.yaml:1:1: found no 'policies', need one here"),
        ("policies: []\n", "policies.yaml:1:11: policies: found a list, need a list of policies"),
        ("policies: [pii]\n", "policies.yaml:1:12: policies: found 'pii', need"),
    ],
)
def test_a_file_without_policies_is_refused(
    folder: Path, refused: Refuse, text: str, said: str
) -> None:
    (folder / "policies.yaml").write_text(text)
    assert said in refused()


def test_an_id_names_one_policy(folder: Path, refused: Refuse) -> None:
    entry = POLICIES.partition("policies:\n")[2]
    (folder / "policies.yaml").write_text(POLICIES + entry)
    assert "policies.yaml:10:9: id: found 'pii' a second time" in refused()
    assert "it stands in line 3" in refused()


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        ("slack: U0VAL,  ", "", "people.yaml:3:9: found no 'slack', need one here"),
        ("slack: U0VAL", "slack: S0VAL", "people.yaml:3:17: slack: found 'S0VAL'"),
        ("val@acme.test", "ADA@acme.test", "people.yaml:3:32: email: found 'ADA@acme.test', which"),
        ("val@acme.test", "val", "people.yaml:3:32: email: found 'val', need an e-mail address"),
        ("github: Ada", "github: '@ada'", "people.yaml:2:56: github: found '@ada', need a GitHub"),
        ("github: Ada", "github: 42", "people.yaml:2:56: github: found 42, need a GitHub login"),
        ("team: search", "team: 7", "people.yaml:2:67: team: found 7, need a team's name, in"),
        ("groups:", "group:", "people.yaml:6:1: found the unknown key 'group', did you mean"),
        ("[val, bea]", "val", "people.yaml:7:12: privacy: found 'val', need a list"),
        ("[val, bea]", "[val, 7]", "people.yaml:7:18: privacy: found 7, need text"),
        ("[val, bea]", "[privacy]", "people.yaml:7:13: found the unknown person 'privacy'"),
    ],
)
def test_a_person_or_group_that_could_be_mistaken_is_refused(
    folder: Path, refused: Refuse, found: str, instead: str, said: str
) -> None:
    assert found in PEOPLE
    (folder / "people.yaml").write_text(PEOPLE.replace(found, instead, 1))
    assert said in refused()


def test_two_people_do_not_share_a_github_login_in_whatever_case(
    folder: Path, refused: Refuse
) -> None:
    text = PEOPLE.replace("github: val", "github: ADA")
    (folder / "people.yaml").write_text(text)
    assert "people.yaml:3:71: github: found 'ADA', which is ada's" in refused()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "gitlab: {}\n",
            "sources.yaml:1:1: found the unknown key 'gitlab', did you mean 'github'?",
        ),
        ("github: {policies: {A: pii}}\n", "sources.yaml:1:9: found no 'secret_env'"),
        ("github: {secret_env: S, policies: {}}\n", "sources.yaml:1:35: policies: found a mapping"),
        ("github: {secret_env: S, policies: {A: 1}}\n", "sources.yaml:1:39: A: found 1, need text"),
        ("callbacks: {allow: ci.test}\n", "sources.yaml:1:20: allow: found 'ci.test', need host"),
        (
            "callbacks: {allow: [ci.test:80]}\n",
            "sources.yaml:1:21: allow: found 'ci.test:80', need",
        ),
        ("callbacks: {allow: ['https://ci']}\n", "sources.yaml:1:21: allow: found 'https://ci', n"),
        (
            "callbacks: {alow: []}\n",
            "sources.yaml:1:13: found the unknown key 'alow', did you mean",
        ),
        ("github: {policies: {A: pi}}\n", "sources.yaml:1:24: found the unknown policy 'pi', did"),
    ],
)
def test_a_source_is_complete_and_maps_to_policies(
    folder: Path, refused: Refuse, text: str, said: str
) -> None:
    (folder / "sources.yaml").write_text(text)
    assert said in refused()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("secret_env", "sources.yaml:1:22: secret_env: need the name of an environment variable"),
        ("secret", "sources.yaml:1:10: found the unknown key 'secret', did you mean 'secret_env'?"),
    ],
)
def test_a_secret_in_the_place_of_its_variable_is_not_repeated_in_the_error(
    folder: Path, refused: Refuse, key: str, said: str
) -> None:
    text = f"github: {{{key}: hunter2-hunter2, policies: {{A: pi}}}}\n"
    (folder / "sources.yaml").write_text(text)
    assert said in refused()
    assert "hunter2" not in refused()


def test_without_a_file_of_sources_there_are_none(folder: Path) -> None:
    assert load(folder, with_built_in().sections).sources.sections == {}


def test_problems_of_all_files_are_said_at_once(folder: Path, refused: Refuse) -> None:
    (folder / "people.yaml").write_text(PEOPLE.replace("U0VAL", "val"))
    text = POLICIES.replace("severity: high", "severity: hihg").replace("backup: bea", "backup: be")
    (folder / "policies.yaml").write_text(text)
    (folder / "sources.yaml").write_text("github: {secret_env: S, policies: {A: pi}}\n")
    assert told(refused) == [
        "people.yaml:3:17",
        "policies.yaml:6:15",
        "policies.yaml:9:41",
        "sources.yaml:1:39",
    ]


def test_one_mistake_is_said_once(folder: Path, refused: Refuse) -> None:
    """Names that are unknown only because of a reported mistake aren't reported as well."""
    (folder / "people.yaml").write_text("people: [\n")
    (folder / "sources.yaml").write_text("github: {secret_env: S, policies: {A: pii}}\n")
    assert len(told(refused)) == 1
    (folder / "people.yaml").write_text(PEOPLE.replace("U0JUDE", "jude"))
    assert len(told(refused)) == 1
    (folder / "people.yaml").write_text(PEOPLE.replace("slack: U0JUDE", "slack: []"))
    assert len(told(refused)) == 1
    (folder / "people.yaml").write_text(PEOPLE)
    (folder / "policies.yaml").write_text("policies: [\n")
    assert len(told(refused)) == 1


def test_a_missing_folder_is_named_with_what_to_do(tmp_path: Path, refused: Refuse) -> None:
    with pytest.raises(Exception, match=r"nowhere: found no such folder.*WARROOM_CONFIG"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["people.yaml", "policies.yaml"])
def test_a_missing_file_is_named_with_its_path(folder: Path, refused: Refuse, name: str) -> None:
    (folder / name).unlink()
    assert refused().startswith(f"{folder / name}: found no such file, need one there")

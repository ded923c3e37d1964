"""`warroom policy test`: cases beside the policies, and where an answer isn't as expected."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from tests.staging.environment import CONFIG, ROOT

CASE = """\
cases:
  - name: internal
    now: 2026-12-01T10:00:00Z
    source: export-ci
    violation:
      subject: {kind: model, name: ranker, digest: "sha256:5a1f"}
      facts: {action: export, to: internal, classification: internal}
    expect:
      outcome: auto_cleared
"""


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of cases beside the examples of policies, as `config/cases/export.yaml`."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CONFIG, "config", ignore=shutil.ignore_patterns("cases"))
    Path("config/cases").mkdir()
    return Path("config/cases/export.yaml")


def tried(*options: str) -> Result:
    return CliRunner().invoke(main, ["policy", "test", *options])


def test_the_examples_answer_to_their_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = tried()
    assert done.exit_code == 0, done.output
    asked = " ".join(path.read_text() for path in CONFIG.glob("cases/*.yaml"))
    # No feature of the examples is without its case.
    for name in ("stable", "slight", "grave", "sure", "middle", "low", "fair", "serious"):
        assert f"band: {name}" in asked
    for name in ("internal-copies", "public-weights", "synthetic-data"):
        assert f"rule: {name}" in asked


@pytest.mark.parametrize(
    ("expected", "column", "said"),
    [
        ("rule: public-weights", 7, "rule: expected public-weights, found internal-copies"),
        ("rule: null", 7, "rule: expected none, found internal-copies"),
        ("band: slight", 7, "band: expected slight, found none"),
        ("outcome: room", 7, "outcome: expected room, found auto_cleared"),
        ("verdict: pending", 7, "verdict: expected pending, found allow"),
        ("policy: pii-fine-tuning", 7, "policy: expected pii-fine-tuning, found model-export"),
        ("policies: []", 7, "policies: expected [], found [model-export]"),
        ("severity: low", 7, "severity: expected low, found critical"),
        ("window: 90m", 7, "window: expected 90m, found none"),
        ("roles: {validator: val}", 7, "roles: expected validator: [val], found validator: []"),
    ],
)
def test_a_difference_is_told_in_its_place(
    cases: Path, expected: str, column: int, said: str
) -> None:
    cases.write_text(CASE.replace("outcome: auto_cleared", expected))
    done = tried()
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f'config/cases/export.yaml:9:{column}: case "internal": {said}',
        "1 case, 1 difference.",
    ]


def test_for_a_script_a_difference_is_data(cases: Path) -> None:
    cases.write_text(CASE.replace("auto_cleared", "room"))
    done = tried("--config", "config", "--json")
    difference = {"key": "outcome", "expected": "room", "found": "auto_cleared"}
    place = {"file": "config/cases/export.yaml", "line": 9, "column": 7}
    failed = [{"case": "internal", **place, **difference}]
    assert json.loads(done.output) == {"cases": 1, "failed": failed}


def test_of_several_answers_the_gravest_is_compared_unless_a_policy_is_named(cases: Path) -> None:
    both = CASE.replace("    violation:\n", "    violation:\n      policy: pii-fine-tuning\n")
    for expected in ("severity: high", "policy: model-export, severity: critical"):
        cases.write_text(both.replace("outcome: auto_cleared", "{" + expected + "}"))
        assert tried().exit_code == 0, expected


@pytest.mark.parametrize(
    ("found", "instead", "place", "said"),
    [
        ("source: export-ci", "sauce: export-ci", "4:5", "did you mean 'source'?"),
        ("2026-12-01T10:00:00Z", "2026-12-01T10:00:00", "3:10", "need a time with its zone"),
        ("outcome: auto_cleared", "outcome: cleared", "9:16", "need room, auto_cleared or"),
        ("outcome: auto_cleared", "bnad: low", "9:7", "did you mean 'band'?"),
        (
            "    expect:\n      outcome: auto_cleared",
            "    expect: {}",
            "8:13",
            "need one of policy",
        ),
        ("outcome: auto_cleared", "roles: {validater: val}", "9:15", "did you mean 'validator'?"),
        ("kind: model", "knid: model", "6:23", "subject.knid: unknown field. Did you mean 'kind'?"),
        ("name: internal", "name: [internal", "3:8", "no valid YAML"),
    ],
)
def test_what_cannot_be_read_is_told_in_its_place_and_is_exit_code_2(
    cases: Path, found: str, instead: str, place: str, said: str
) -> None:
    cases.write_text(CASE.replace(found, instead))
    done = tried()
    assert done.exit_code == 2, done.output
    assert f"config/cases/export.yaml:{place}: " in done.output
    assert said in done.output


def test_without_cases_nothing_is_tried_and_that_is_no_success(cases: Path) -> None:
    done = tried()
    assert (done.exit_code, f"found no cases in {cases.parent}" in done.output) == (2, True)

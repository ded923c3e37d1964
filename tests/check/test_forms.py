"""What a check shows: as SARIF, for GitHub, as JSON; and what a hostile tree can't make of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from bot.check.findings import Checked, Finding, Severity, in_order
from bot.check.output import sarif
from bot.check.uses import Span
from tests.check.declared import CODE, Project, block

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text())
# Microsoft's, of its SARIF tools (MIT licence), as it is published.
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def log_of(project: Project, *words: str) -> dict[str, Any]:
    """The SARIF log of a check, valid by the schema and without an empty text."""
    done = project.run("--offline", "--format", "sarif", *words)
    log: dict[str, Any] = json.loads(done.stdout)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    assert list(empty(log)) == []
    return log


def empty(value: object) -> list[object]:
    """Every text in a value that says nothing."""
    if isinstance(value, dict):
        return [one for each in value.values() for one in empty(each)]
    if isinstance(value, list):
        return [one for each in value for one in empty(each)]
    return [value] if value == "" else []


def regions(log: dict[str, Any]) -> list[tuple[str, str]]:
    """Of each result its rule and the text of its region."""
    (run,) = log["runs"]
    places = [
        (result["ruleId"], result["locations"][0]["physicalLocation"]["region"])
        for result in run["results"]
    ]
    return [(rule, region["snippet"]["text"]) for rule, region in places]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("before", ["", "é", "\U0001f9ea", "\t"], ids=ascii)
def test_a_region_is_what_was_found_counted_in_letters(
    project: Project, before: str, end: str
) -> None:
    """From 1 on, its end exclusive, whatever stands before it on its line."""
    line = f'    note = "{before}"; data = load_dataset("acme/tickets", split="train")'
    code = CODE.replace('    data = load_dataset("acme/clicks", split="train")', line)
    project.write("train.py", (block(pii="pseudonymous") + code).replace("\n", end))
    log = log_of(project)
    assert regions(log) == [("dataset-mismatch", '"acme/tickets"')]
    physical = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    region = physical["region"]
    text = (project.folder / "train.py").read_text().split("\n")[region["startLine"] - 1]
    assert text[region["startColumn"] - 1 : region["endColumn"] - 1] == '"acme/tickets"'
    assert physical["contextRegion"]["snippet"]["text"] == text


def test_a_rule_of_sarif_has_what_code_scanning_shows(project: Project) -> None:
    (run,) = log_of(project)["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["automationDetails"]["id"].count("/") == 1
    for rule in run["tool"]["driver"]["rules"]:
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["helpUri"].endswith(f"docs/check.md#{rule['id']}")
        assert float(rule["properties"]["security-severity"]) > 0
        assert len(rule["properties"]["tags"]) <= 10


@pytest.mark.parametrize(
    "name", ["a b%20#?.py", "::error::x.py", "ünï.py", "x:y/train.py", b"tr\xffain.py"], ids=repr
)
def test_whatever_a_file_is_called_its_address_leads_to_it(
    project: Project, name: str | bytes
) -> None:
    path = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
    project.write(path, CODE)
    (result,) = log_of(project)["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert ":" not in uri
    assert unquote(uri, errors="surrogateescape") == path
    for form in ("text", "json", "github"):
        done = project.run("--offline", "--format", form)
        assert done.exit_code == 1
        done.stdout.encode()


def test_past_25000_results_are_cut_with_a_note(project: Project) -> None:
    one = Finding("a.py", Span(1, 1, 1, 2), "undeclared", Severity.MEDIUM, "Trains.", mend="Say.")
    findings = in_order(replace(one, found=str(number)) for number in range(25_001))
    (run,) = sarif.log(Checked(findings, 1, 1, (), 0.1))["runs"]
    assert len(run["results"]) == 25_000
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "Cut to 25,000 of 25,001 results."
    marks = {each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]}
    assert len(marks) == 25_000


EVIL = "::stop-commands::t##[error]<img src=x> | `@ada` [a](b) %0A"


def test_a_name_commands_neither_githubs_runner_nor_its_pages(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = project.folder / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    project.write("train.py", block() + CODE.replace("acme/clicks", EVIL))
    project.write("::error file=x::y.py", CODE)
    for form in ("github", "text"):
        lines = project.run("--offline", "--format", form).stdout.splitlines()
        commands = [line for line in lines if line.lstrip().startswith("::")]
        assert all(line.startswith(("::error file=", "::warning file=")) for line in commands)
        assert all("##[" not in line for line in lines if line not in commands)
        assert (len(commands) > 0) == (form == "github")
    table = summary.read_text()
    assert "<img" not in table
    assert "@ada" not in table
    assert "[a](b)" not in table
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len(rows) > 2 + 2
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


def test_github_gets_ten_annotations_the_gravest_first_and_all_in_the_summary(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.folder / "summary.md"))
    project.write("train.py", block(export="none") + CODE)
    for number in range(12):
        project.write(f"b{number}.py", CODE)
    lines = project.run("--offline", "--format", "github").stdout.splitlines()
    annotations = [line for line in lines if line.startswith("::")]
    assert len(annotations) == 10
    assert annotations[0].startswith("::error file=train.py,line=15,col=23,endLine=15,")
    assert lines[-1].startswith("13 findings; ")
    summary = (project.folder / "summary.md").read_text()
    assert summary.count("\n| ") == 13 + 2


def test_words_that_no_encoding_has_or_nobody_reads_are_told_all_the_same(
    project: Project,
) -> None:
    half, long = "\\ud800", "a" * 100_000
    for name in (half, long, long + "b"):
        project.write("train.py", block() + CODE.replace("acme/clicks", name))
        for form in ("text", "json", "sarif", "github"):
            done = project.run("--offline", "--format", form)
            assert done.exit_code == 1
            assert len(done.stdout.encode()) < 40_000


def test_a_baseline_leaves_out_what_was_there_wherever_it_has_moved(project: Project) -> None:
    bad = 'load_dataset("acme/tickets", split="train")'
    code = CODE.replace('load_dataset("acme/clicks", split="train")', bad)
    project.write("train.py", block(pii="pseudonymous") + code)
    before = project.run("--offline", "--format", "json").stdout
    project.write("before.json", before)
    moved = "# one more line\n\n" + block(pii="pseudonymous") + "\n\n" + code
    project.write("train.py", moved)
    done = project.run("--offline", "--baseline", "before.json")
    assert done.exit_code == 0, done.output
    assert "1 that were there before are left out." in done.output


def test_what_is_alike_but_one_more_is_new(project: Project) -> None:
    comment = "# guardrails: ignore\n"
    project.write("train.py", block() + CODE + comment)
    project.write("before.json", project.run("--offline", "--format", "json").stdout)
    project.write("train.py", block() + CODE + comment * 2)
    done = project.run("--offline", "--baseline", "before.json")
    assert done.exit_code == 1
    assert done.output.count("medium suppression") == 1


@pytest.mark.parametrize("content", [b"", b"[]", b'{"findings": 1}', b"\xff"])
def test_what_is_no_baseline_is_said(project: Project, content: bytes) -> None:
    project.write("before.json", content)
    done = project.run("--offline", "--baseline", "before.json")
    assert done.exit_code == 2
    assert "--baseline: before.json holds no result of a check" in done.output

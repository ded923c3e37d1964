"""`--changed-since`, and what a pull request changes of the rules that it is held to."""

import json
import subprocess

import pytest

from tests.check.declared import CATALOGUE, CODE, Project


def git(*words: str) -> str:
    """What git says, in the project's folder."""
    ada = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.test")
    done = subprocess.run(("git", *ada, *words), check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def branch(project: Project) -> Project:
    """A branch that has just left main, on which two files are undeclared already."""
    project.write("old/train.py", CODE)
    project.write("deep/er/train.py", CODE)
    project.write("config/guardrails.yaml", "severities: {undeclared: low}\n")
    project.write("config/people.yaml", "people: {viv: {email: viv@acme.test}}\n")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "First")
    git("checkout", "-q", "-b", "topic")
    return project


def since(project: Project, *words: str) -> list[tuple[str, str]]:
    """What is found with `--changed-since main`: path and rule."""
    found = project.found("--changed-since", "main", *words)
    return sorted((each["path"], each["rule"]) for each in found)


def test_only_what_the_branch_changed_is_told(branch: Project) -> None:
    """Committed, or not yet; where nothing was changed nothing is found."""
    assert since(branch) == []
    branch.write("old/train.py", CODE + "\n")
    assert since(branch) == [("old/train.py", "undeclared")]
    git("commit", "-qam", "Second")
    branch.write("new $(x)\n'.py", CODE)
    assert since(branch) == [("new $(x)\n'.py", "undeclared"), ("old/train.py", "undeclared")]


def test_a_declaration_touches_all_below_it(branch: Project) -> None:
    branch.write("deep/guardrails.yaml", "owner: viv\n")
    assert {path for path, _ in since(branch)} == {"deep/er/train.py"}


def test_another_commit_of_a_repository_inside_touches_all_in_it(branch: Project) -> None:
    inside = str(branch.folder / "inside")
    branch.write("inside/deep/train.py", CODE)
    git("init", "-q", inside)
    git("-C", inside, "add", ".")
    git("-C", inside, "commit", "-qm", "One")
    git("add", "inside")
    git("commit", "-qm", "A repository inside")
    git("branch", "-qf", "main")
    assert since(branch) == []
    branch.write("inside/deep/train.py", CODE + "\n")
    git("-C", inside, "commit", "-qam", "Two")
    git("commit", "-qam", "Take the other commit")
    assert since(branch) == [("inside/deep/train.py", "undeclared")]


GIVEN = """\
import argparse
from datasets import load_dataset
from transformers import Trainer

parser = argparse.ArgumentParser()
parser.add_argument("--data")
Trainer(train_dataset=load_dataset(parser.parse_args().data)).train()
"""


def test_a_command_touches_what_it_starts(branch: Project) -> None:
    branch.write("old/given.py", GIVEN)
    git("add", ".")
    git("commit", "-qm", "What is given is read")
    git("branch", "-qf", "main")
    branch.write("Makefile", "train:\n\tpython old/given.py --data acme/tickets\n")
    assert ("old/given.py", "undeclared") in since(branch)
    assert ("old/train.py", "undeclared") not in since(branch)


@pytest.mark.parametrize("file", ["catalogue.yaml", "guardrails.yaml", "people.yaml"])
@pytest.mark.parametrize("how", ["changed", "deleted", "renamed"])
def test_a_change_of_the_rules_is_found(branch: Project, file: str, how: str) -> None:
    path = branch.folder / "config" / file
    if how == "changed":
        path.write_text(path.read_text() + "# more\n")
    elif how == "deleted":
        path.unlink()
    else:
        git("mv", f"config/{file}", f"config/old-{file}")
    git("commit", "-qam", "Change the rules")
    assert (f"config/{file}", "rules-changed") in since(branch)


def test_rules_that_come_new_are_found(branch: Project) -> None:
    git("checkout", "-q", "main")
    git("rm", "-q", "config/people.yaml")
    git("commit", "-qm", "Without people")
    git("checkout", "-q", "-b", "more")
    branch.write("config/people.yaml", "people: {}\n")
    assert since(branch) == [("config/people.yaml", "rules-changed")]


def test_rules_behind_a_link_are_found(branch: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the configuration may be a link; what it leads to are the rules."""
    branch.write("one/catalogue.yaml", CATALOGUE)
    branch.write("two/catalogue.yaml", "datasets: []\n")
    (branch.folder / "rules").symlink_to("one")
    git("add", ".")
    git("commit", "-qm", "A link")
    git("branch", "-qf", "main")
    monkeypatch.setenv("WARROOM_CATALOGUE", "rules/catalogue.yaml")
    branch.write("one/catalogue.yaml", CATALOGUE + "\n")
    assert since(branch) == [("rules/catalogue.yaml", "rules-changed")]
    git("checkout", "-q", ".")
    (branch.folder / "rules").unlink()
    (branch.folder / "rules").symlink_to("two")
    assert ("rules/catalogue.yaml", "rules-changed") in since(branch)


def test_a_baseline_that_is_changed_is_a_change_of_the_rules(branch: Project) -> None:
    branch.write("before.json", branch.run("--offline", "--format", "json").stdout)
    assert since(branch, "--baseline", "before.json") == [("before.json", "rules-changed")]


def test_a_baseline_does_not_leave_out_that_it_was_changed(branch: Project) -> None:
    """Its fingerprint can be known beforehand, and be written into it with all the rest."""
    branch.write("before.json", '{"findings": [], "unknown": []}')
    git("add", ".")
    git("commit", "-qm", "A baseline")
    git("branch", "-qf", "main")
    branch.write("old/train.py", CODE + "\n")
    branch.write("config/catalogue.yaml", CATALOGUE + "\n")
    branch.write("before.json", '{"findings": [],\n"unknown": []}')
    held = branch.found("--changed-since", "main", "--baseline", "before.json")
    told = branch.found("--changed-since", "main")
    branch.write("before.json", json.dumps({"findings": [*held, *told], "unknown": []}))
    assert since(branch, "--baseline", "before.json") == [
        ("before.json", "rules-changed"),
        ("config/catalogue.yaml", "rules-changed"),
    ]


def test_rules_above_the_folder_that_is_checked_are_found(
    branch: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARROOM_CONFIG", "../config")
    monkeypatch.chdir(branch.folder / "old")
    branch.write("config/catalogue.yaml", CATALOGUE + "\n")
    assert since(branch) == [("../config/catalogue.yaml", "rules-changed")]


def test_a_pull_request_is_held_to_its_base_unasked(
    branch: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is told as ever, and the change of the rules with it."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    git("update-ref", "refs/remotes/origin/main", "main")
    branch.write("config/catalogue.yaml", CATALOGUE + "\n")
    found = sorted((each["path"], each["rule"]) for each in branch.found())
    assert ("config/catalogue.yaml", "rules-changed") in found
    assert ("old/train.py", "undeclared") in found


def test_a_base_that_git_doesnt_have_is_no_base_that_is_alike(
    branch: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be compared isn't known, and that is found."""
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "1" * 40)
    found = [each for each in branch.found() if each["rule"] == "rules-changed"]
    assert {each["path"] for each in found} == {
        "config/catalogue.yaml", "config/guardrails.yaml", "config/people.yaml",
    }  # fmt: skip
    assert "can't be known whether this change alters" in found[0]["message"]
    assert "fetch-depth: 0" in found[0]["mend"]


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("--output=x", "found '--output=x', need a revision"),
        ("nowhere", "--changed-since: git says: "),
    ],
)
def test_a_revision_that_is_none_is_said(branch: Project, revision: str, said: str) -> None:
    done = branch.run("--offline", f"--changed-since={revision}")
    assert done.exit_code == 2
    assert said in done.output
    assert not (branch.folder / "x").exists()


def test_without_a_repository_there_is_no_branch(project: Project) -> None:
    done = project.run("--offline", "--changed-since", "main")
    assert done.exit_code == 2
    assert "git says: fatal: not a git repository" in done.output

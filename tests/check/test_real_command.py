"""`warroom check -- COMMAND`: what would be started is checked with its real arguments first."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.check.declared import Project, block

ARGUMENTS = """\
import argparse
import sys

from datasets import load_dataset
from transformers import AutoModel, Trainer

parser = argparse.ArgumentParser()
parser.add_argument("--dataset_name", required=True)
parser.add_argument("--base", default="acme/encoder")

if __name__ == "__main__":
    args = parser.parse_args()
    data = load_dataset(args.dataset_name)
    model = AutoModel.from_pretrained(args.base)
    Trainer(model=model, train_dataset=data).train()
    sys.exit(7)
"""
# Stand-ins for what isn't installed here: the script really runs, and ends with its own code.
STAND_INS = {
    "datasets.py": "def load_dataset(name): print('loaded', name)\n",
    "transformers.py": (
        "class AutoModel:\n    from_pretrained = staticmethod(print)\n"
        "class Trainer:\n    def __init__(self, **_): pass\n    def train(self): print('trained')\n"
    ),
}


@pytest.fixture
def script(project: Project) -> Project:
    for path, text in STAND_INS.items():
        project.write(path, text)
    declared = block(dataset="from arguments", base_model="[acme/encoder, from arguments]")
    project.write("train.py", declared + ARGUMENTS)
    return project


def started(project: Project, *command: str) -> "subprocess.CompletedProcess[str]":
    """`warroom check -- python train.py …`, as a process of its own."""
    program = [sys.executable, "-m", "bot", "check", "--offline", "--", sys.executable, "train.py"]
    return subprocess.run(
        [*program, *command],
        cwd=project.folder,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_sound_command_is_started_and_ends_with_its_own_code(script: Project) -> None:
    run = started(script, "--dataset_name", "acme/clicks")
    assert (run.returncode, run.stderr) == (7, "")
    assert run.stdout.splitlines()[-3:] == ["loaded acme/clicks", "acme/encoder", "trained"]


# How somebody may hand on what isn't allowed, and the rules that it breaks.
REFUSED = [
    (["--dataset_name", "acme/customers"], ["dataset-class", "use-case"]),
    (["--dataset_name=acme/customers"], ["dataset-class", "use-case"]),
    (["--dataset-name", "acme/customers"], ["dataset-class", "use-case"]),
    (["--data", "acme/customers"], ["dataset-class", "use-case"]),
    (["--dataset_name", "acme/clicks", "--dataset_name", "elsewhere"], ["dataset-unlisted"]),
    (["--dataset_name", "elsewhere", "--dataset_name", "acme/clicks"], ["dataset-unlisted"]),
    (["--dataset_name", "acme/clicks", "--base", "elsewhere"], ["model-mismatch"]),
    (["--dataset_name", "acme/clicks", "--ba=elsewhere"], ["model-mismatch"]),
    (["--dataset_name", "$DATA"], ["not-known"]),
    ([], ["not-known"]),
    (["@more-arguments"], ["not-known", "not-known"]),
]


@pytest.mark.parametrize(("arguments", "rules"), REFUSED)
def test_what_would_break_a_rule_is_not_started(
    script: Project, arguments: list[str], rules: list[str]
) -> None:
    found = script.found("--", "python", "train.py", *arguments)
    assert [finding["rule"] for finding in found] == rules
    mends = [finding["mend"] for finding in found if finding["rule"] == "not-known"]
    assert all(mend.startswith("Give it to the command") for mend in mends)  # as it is begun so
    run = started(script, *arguments)
    assert run.returncode == 1
    assert "loaded" not in run.stdout


def test_nothing_is_started_that_was_not_looked_at(script: Project) -> None:
    for command in (["true"], ["python", "missing.py"], ["python", "-c", "print(1)"], []):
        result = script.run("--offline", "--", *command)
        assert result.exit_code == 2, command
        assert "need a" in result.output or "need one" in result.output


def test_a_declaration_of_names_holds_for_the_arguments_too(script: Project) -> None:
    script.write("train.py", block() + ARGUMENTS)
    command = ("--", "python", "train.py", "--dataset_name", "acme/open-web")
    assert script.rules(*command) == ["dataset-mismatch"]
    assert started(script, "--dataset_name", "acme/clicks").returncode == 7

"""`warroom check -- COMMAND`: what would be started is checked with its real arguments first."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.check.declared import CODE, Project, block

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
    "installed/datasets.py": "def load_dataset(name): print('loaded', name)\n",
    "installed/transformers.py": (
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
        env={"PYTHONPATH": f"{Path(__file__).parents[2]}:installed", "PATH": "/usr/bin:/bin"},
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
    (["--dataset_name", "acme/clicks", "--base", "acme/$BASE"], ["not-known"]),
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


# Commands that start something else than the script which they name, or it in another place.
OTHERS = [
    "python -cprint(1) sound.py",
    "python -Bcprint(1) sound.py",
    "python -mdirty sound.py",
    "python -uX sound.py dirty",
    "env ./dirty python sound.py",
    "time ./dirty sound.py",
    "nohup true sound.py",
    "torchrun --no-python ./dirty sound.py",
    "torchrun --no-python true sound.py",
    "torchrun dirty sound.py",
    "accelerate launch --no_python ./dirty sound.py",
    "accelerate launch --config_file sound.py dirty.py",
    "sudo -u sound.py dirty.py",
    "deepspeed dirty sound.py",
    "uv run dirty sound.py",
    "env -C elsewhere python sound.py",
    "env -Celsewhere python sound.py",
    "env --chdir=elsewhere python sound.py",
    "uv run --directory elsewhere python sound.py",
    "srun -D elsewhere python sound.py",
    "docker run image python sound.py",
    "xargs -a more python sound.py",
]


@pytest.fixture
def beside(script: Project) -> Project:
    """A sound script, and beside it one that isn't, by several names."""
    script.write("sound.py", block() + CODE)
    broken = block() + CODE.replace("acme/clicks", "acme/customers")
    for path in ("dirty", "dirty.py", "elsewhere/sound.py", "twice/__main__.py"):
        script.write(path, broken)
    script.write("twice/__init__.py", "")
    script.write("twice.py", block() + CODE)
    return script


@pytest.mark.parametrize("command", OTHERS)
def test_a_command_that_may_start_something_else_is_refused(beside: Project, command: str) -> None:
    result = beside.run("--offline", "--", *command.split())
    assert result.exit_code == 2
    assert "need" in result.output


@pytest.mark.parametrize(
    "command",
    [
        "python -S -u -W ignore sound.py dirty.py",
        "env A=1 python sound.py",
        "timeout 5s python3 sound.py",
        "srun -N 1 -C gpu python sound.py",
        "torchrun --standalone --nproc_per_node=2 sound.py dirty.py",
        "accelerate launch --config_file accelerate.yaml --num_processes 2 sound.py",
        "uv run python sound.py",
        "python -m sound",
    ],
)
def test_what_starts_a_script_may_stand_before_it(
    beside: Project, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.write("accelerate.yaml", "num_processes: 2\n")
    run: list[list[str]] = []
    monkeypatch.setattr("os.execvp", lambda _, words: run.append(words))
    assert beside.run("--offline", "--", *command.split()).exit_code == 0
    assert run == [command.split()]


def test_a_package_comes_before_a_module_of_its_name(beside: Project) -> None:
    assert "dataset-mismatch" in beside.rules("--", "python", "-m", "twice")


def test_a_value_may_stand_right_behind_an_option_of_one_letter(script: Project) -> None:
    source = (script.folder / "train.py").read_text().replace('("--data', '("-d", "--data')
    script.write("train.py", source)
    command = ("--", "python", "train.py", "--dataset_name=acme/clicks", "-dacme/customers")
    assert script.rules(*command) == ["dataset-class", "use-case"]


def test_a_default_in_whose_place_something_is_given_is_not_compared(script: Project) -> None:
    source = (script.folder / "train.py").read_text().replace('"acme/encoder")', '"elsewhere")')
    script.write("train.py", source)
    command = ("--", "python", "train.py", "--dataset_name", "acme/clicks")
    assert script.rules(*command) == ["model-mismatch"]
    assert script.rules(*command, "--base=") == ["model-mismatch"]
    assert started(script, *command[3:], "--base", "acme/encoder").returncode == 7


def test_what_a_script_imports_of_the_tree_is_checked_with_it(beside: Project) -> None:
    """At its top, in a function, as a package, with a dot, or by another module."""
    beside.write("pack/__init__.py", "from . import deep\n")
    beside.write("pack/deep.py", "import sys, middle\n")
    beside.write("middle.py", "def later():\n    import dirty\n")
    beside.write("sound.py", block() + "from pack import nothing\n" + CODE)
    broken = [(each["path"], each["rule"]) for each in beside.found("--", "python", "sound.py")]
    assert ("dirty.py", "dataset-mismatch") in broken
    assert {path for path, _ in broken} == {"dirty.py"}


@pytest.mark.parametrize("text", ["dataset: [", "datset: acme/clicks", "pii: some", "x" * 200_000])
def test_under_a_declaration_that_cannot_be_read_nothing_is_started(
    beside: Project, text: str
) -> None:
    beside.write("elsewhere/guardrails.yaml", text)
    beside.write("elsewhere/sound.py", CODE)
    found = beside.found("--", "python", "elsewhere/sound.py")
    assert "declaration-invalid" in [each["rule"] for each in found]
    beside.write("elsewhere/sound.py", block() + CODE)
    assert "declaration-invalid" in beside.rules("--", "python", "elsewhere/sound.py")

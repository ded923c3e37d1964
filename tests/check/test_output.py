"""`--output FILE`: what a machine reads in a file, and what people read on standard output."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.check.declared import CODE, Project, block

FOUND = block(owner="nobody") + CODE  # one finding


@pytest.mark.parametrize("form", ["json", "sarif", "text"])
def test_a_file_holds_the_form_and_people_read_what_they_always_do(
    project: Project, form: str
) -> None:
    project.write("train.py", FOUND)
    plain = project.run("--offline")
    done = project.run("--offline", "--format", form, "--output", "result")
    assert (done.exit_code, plain.exit_code) == (1, 1)
    assert _but_seconds(done.stdout) == _but_seconds(plain.stdout)
    alone = project.run("--offline", "--format", form, "--output", "-")
    assert _but_seconds(alone.stdout) == _but_seconds(_result(project))
    assert not project.folder.joinpath("-").exists()


def _result(project: Project) -> str:
    return project.folder.joinpath("result").read_text()


def _but_seconds(text: str) -> list[str]:
    """The lines that are the same on a machine that is busy."""
    lines = text.splitlines()
    return [
        line.rpartition(";")[0] if "; " in line else line for line in lines if "sec" not in line
    ]


def test_what_stood_there_stays_until_all_is_written(project: Project) -> None:
    """A file that is kept open has the old text: a new one took its place, which is as open."""
    file = project.write("out/result.json", "before")
    file.chmod(0o640)
    with file.open() as before:
        assert project.run("--offline", "--format", "json", "--output", str(file)).exit_code == 0
        assert before.read() == "before"
    assert json.loads(file.read_text())["findings"] == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [each.name for each in file.parent.iterdir()] == ["result.json"]


def test_a_link_leads_to_what_was_written_and_a_device_stays_one(project: Project) -> None:
    project.write("real.json", "before")
    link = project.folder / "link.json"
    link.symlink_to("real.json")
    for place in (str(link), os.devnull):
        assert project.run("--offline", "--format", "json", "--output", place).exit_code == 0
    assert link.is_symlink()
    assert json.loads(link.read_text())["findings"] == []
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "json", "--output", "no/such"), "there is no folder no"),
        (("--format", "json", "--output", "config"), "config is a folder, need a file"),
        (("--format", "json", "--output", ""), "is a folder, need a file"),
        (("--format", "github", "--output", "x"), "--format github is read from standard output"),
    ],
)
def test_what_cant_be_written_is_said_before_anything_is_checked(
    project: Project, words: tuple[str, ...], said: str
) -> None:
    project.write("train.py", FOUND)
    done = project.run("--offline", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert not project.folder.joinpath("x").exists()


def test_a_question_that_was_wrong_leaves_the_last_result(project: Project) -> None:
    file = project.write("result.json", "before")
    project.write("config/catalogue.yaml", "datasets: [\n")
    done = project.run("--offline", "--format", "json", "--output", "result.json")
    assert done.exit_code == 2
    assert file.read_text() == "before"

"""Which files of a tree are looked at, and why others are not."""

import os
import subprocess
from pathlib import Path

from bot.check.walk import FileKind, LeftOut, SourceFile, root_of, walk
from tests.check.declared import Project


def _walked(root: Path, *paths: Path) -> tuple[dict[str, FileKind], dict[str, str]]:
    met = list(walk(paths or (root,), root))
    found = {each.path: each.kind for each in met if isinstance(each, SourceFile)}
    return found, {each.path: each.why for each in met if isinstance(each, LeftOut)}


def _write(root: Path, *names: str, text: str = "x") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_files_are_known_by_their_names_and_their_first_line(tmp_path: Path) -> None:
    _write(tmp_path, "a/train.py", "n.ipynb", "c.yml", "run.sh", "Makefile", "Dockerfile.gpu")
    _write(tmp_path, "README.md", "data.csv", "LICENSE", "a.json")
    _write(tmp_path, "bin/tune", text="#!/usr/bin/env python3\n")
    _write(tmp_path, "bin/go", text="#!/bin/bash\n")
    found, left_out = _walked(tmp_path)
    assert found == {
        "a/train.py": FileKind.PYTHON,
        "n.ipynb": FileKind.NOTEBOOK,
        "c.yml": FileKind.YAML,
        "run.sh": FileKind.SHELL,
        "Makefile": FileKind.MAKEFILE,
        "Dockerfile.gpu": FileKind.DOCKERFILE,
        "bin/tune": FileKind.PYTHON,
        "bin/go": FileKind.SHELL,
    }
    assert left_out == {}


def test_what_others_made_is_left_out_and_told(tmp_path: Path) -> None:
    _write(tmp_path, "node_modules/a.py", ".venv/a.py", "env/a.py", "env/pyvenv.cfg", ".git/a.py")
    _write(tmp_path, ".github/workflows/ci.yml")
    found, left_out = _walked(tmp_path)
    assert list(found) == [".github/workflows/ci.yml"]
    assert left_out == {
        "node_modules": "packages of others",
        ".venv": "a virtual environment",
        "env": "a virtual environment",
    }


def test_of_what_is_left_out_it_is_told_how_much_git_keeps(tmp_path: Path) -> None:
    _write(tmp_path, "env/pyvenv.cfg", "env/train.py", "env/new.py", ".venv/a.py")
    for words in (("init", "-q"), ("add", "env/pyvenv.cfg", "env/train.py")):
        subprocess.run(("git", *words), cwd=tmp_path, check=True)
    assert _walked(tmp_path)[1] == {
        ".venv": "a virtual environment",
        "env": "a virtual environment; git keeps 2 files of it",
    }


def test_a_circle_of_links_ends_and_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "a/train.py")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    (tmp_path / "long.py").symlink_to("x" * 300)
    found, left_out = _walked(tmp_path)
    assert list(found) == ["a/train.py"]
    assert left_out == {
        "a/again": "a link, which is not followed",
        "loop.py": "a link that leads nowhere",
        "long.py": "a link that leads nowhere",
    }


def test_a_link_that_makes_code_of_something_else_is_read(tmp_path: Path) -> None:
    """What it leads to is run by the link's name, and is met as code nowhere else."""
    _write(tmp_path, "notes.txt", "recipe.yaml", "node_modules/a.py", "plain.py")
    for name, target in (("a.py", "notes.txt"), ("b.py", "recipe.yaml"), ("d.py", "plain.py")):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "c.py").symlink_to("node_modules/a.py")
    (tmp_path / "e.py").symlink_to("/etc/passwd")
    found, left_out = _walked(tmp_path)
    assert sorted(found) == ["a.py", "b.py", "c.py", "plain.py", "recipe.yaml"]
    not_followed = "a link, which is not followed"
    assert left_out == {
        "d.py": not_followed,
        "e.py": not_followed,
        "node_modules": "packages of others",
    }


def test_a_pipe_is_told_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "pipe")
    found, left_out = _walked(tmp_path)
    assert (found, left_out) == ({}, {"pipe.py": "no plain file"})


def test_a_file_too_large_is_told(tmp_path: Path) -> None:
    with (tmp_path / "big.py").open("wb") as file:
        file.truncate(50_000_000)
    assert _walked(tmp_path) == ({}, {"big.py": "larger than 5 MB"})


def test_a_file_is_met_once_however_it_is_named(tmp_path: Path) -> None:
    _write(tmp_path, "a/train.py")
    twice = list(walk((tmp_path, tmp_path / "a", tmp_path / "a/../a/train.py"), tmp_path))
    assert [each.path for each in twice] == ["a/train.py"]


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    _write(tmp_path, "there/train.py")
    (tmp_path / "here").symlink_to(tmp_path / "there")
    found, _ = _walked(tmp_path, tmp_path / "here")
    assert list(found) == ["here/train.py"]


def test_a_file_that_is_named_and_isnt_read_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "data.csv")
    assert _walked(tmp_path, tmp_path / "data.csv") == ({}, {"data.csv": "of no kind that is read"})


def test_a_folder_without_anything_to_look_at_says_what_is_looked_at(project: Project) -> None:
    project.write("docs/a.md", "`python train.py`")
    for words in ((), ("inventory",)):
        said = project.run(*words, "docs").output
        assert "othing to look at was found: Python, notebooks, YAML" in said
        assert "0 of them" not in said


def test_files_are_told_from_here_or_from_what_holds_them_all(tmp_path: Path) -> None:
    _write(tmp_path, "work/a/train.py", "other/train.py")
    work = tmp_path / "work"
    assert root_of((), work) == work
    assert root_of((Path("a"),), work) == work
    assert root_of((Path("../other/train.py"),), work) == tmp_path / "other"
    assert root_of((Path("a"), Path("../other")), work) == tmp_path

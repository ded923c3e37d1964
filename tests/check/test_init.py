"""`warroom check init`: a first declaration from what is found."""

import json

import pytest

from tests.check.declared import CODE, Project


def test_a_first_declaration_says_what_is_found_and_counts_once_it_is_reviewed(
    project: Project,
) -> None:
    project.write("train.py", f"#!/usr/bin/env python\n{CODE}")
    result = project.run("init", "train.py")
    assert (result.exit_code, "reviewed: false" in result.output) == (0, True)
    text = project.folder.joinpath("train.py").read_text()
    assert text.startswith("#!/usr/bin/env python\n# guardrails:\n")
    assert "#   dataset: acme/clicks\n#   base_model: acme/encoder\n" in text
    assert "#   export: internal\n" in text
    assert project.rules() == ["undeclared"]
    project.write("train.py", text.replace("#   reviewed: false\n", ""))
    assert project.rules() == []


def test_a_second_declaration_is_refused_and_changes_nothing(project: Project) -> None:
    before = project.folder.joinpath("train.py").read_bytes()
    result = project.run("init", "train.py")
    assert result.exit_code == 2
    assert "train.py:1" in result.output
    assert project.folder.joinpath("train.py").read_bytes() == before


def test_what_stands_in_the_file_stays_as_it_is(project: Project) -> None:
    """Its coding, its line ends and its byte order mark."""
    texts = [
        "# coding: latin-1\n# größer\n".encode("latin-1") + CODE.encode(),
        CODE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CODE.encode(),
        CODE.encode().rstrip(b"\n"),
    ]
    for before in texts:
        project.write("train.py", before)
        assert project.run("init", "train.py").exit_code == 0
        after = project.folder.joinpath("train.py").read_bytes()
        newline = b"\r\n" if b"\r\n" in before else b"\n"
        mark = b"\xef\xbb\xbf"
        assert after.startswith(mark) == before.startswith(mark)
        lines = after.removeprefix(mark).split(newline)
        kept = [line for line in lines if not line.startswith((b"# guardrails:", b"#   "))]
        stood = before.removeprefix(mark).split(newline)
        assert [line for line in kept if line] == [line for line in stood if line]
        assert project.rules() == ["undeclared"]


@pytest.mark.parametrize("name", ["a: b", "#x", "null", "7", 'say "x"', "ä/ö", "[x]", "no"])
def test_any_name_is_written_so_that_it_is_read_back(project: Project, name: str) -> None:
    code = CODE.replace('"acme/clicks"', repr(name))
    project.write("train.py", code)
    project.run("init", "train.py")
    text = project.folder.joinpath("train.py").read_text()
    project.write("train.py", text.replace("#   reviewed: false\n", ""))
    assert project.rules() == ["dataset-unlisted"]


def test_what_cannot_be_known_is_declared_as_given_by_arguments(project: Project) -> None:
    code = CODE.replace('"acme/clicks"', "sys.argv[1]").replace(
        "from datasets", "import sys\nfrom datasets"
    )
    project.write("train.py", code)
    project.run("init", "train.py")
    assert "#   dataset: from arguments\n" in project.folder.joinpath("train.py").read_text()


def test_beside_a_notebook_the_declaration_is_a_file_of_its_own(project: Project) -> None:
    cell: dict[str, object] = {
        "cell_type": "code",
        "source": CODE,
        "outputs": [],
        "metadata": {},
        "execution_count": None,
    }
    project.folder.joinpath("train.py").unlink()
    project.write("nb/train.ipynb", json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}))
    assert project.run("init", "nb/train.ipynb").exit_code == 0
    assert "dataset: acme/clicks" in project.folder.joinpath("nb/guardrails.yaml").read_text()
    assert project.run("init", "nb/train.ipynb").exit_code == 2


def test_a_folder_gets_no_declaration_and_it_is_said_what_tells_its_scripts(
    project: Project,
) -> None:
    result = project.run("init", "config")
    assert result.exit_code == 2
    assert (
        "config is a folder, need one file of training code: `warroom check inventory config`"
        in (result.output)
    )


def test_what_cannot_be_read_gets_no_declaration(project: Project) -> None:
    project.write("train.py", CODE + "\n(")
    result = project.run("init", "train.py")
    assert result.exit_code == 2
    assert "train.py:" in result.output

"""Notebooks whose cells call what another module of the tree defines."""

import json
from pathlib import Path

import pytest

from tests.check.python.test_elsewhere import LIBRARY, told, write

CELLS = {
    "by its name": ("from lib import begin", "begin()"),
    "by the module's name": ("import lib", "result = lib.begin()"),
    "by a star": ("from lib import *", "begin()"),
    "in one cell": ("# A text\nimport lib\n\nlib.begin()",),
    "in a block": ("import lib", "for _ in range(2):\n    lib.begin()"),
    "over several lines": ("from lib import (\n    begin,\n)", "result = begin(\n)"),
    "behind magics": ("%load_ext autoreload\n%autoreload 2\nimport lib", "%time lib.begin()"),
    "by a magic for all of a cell": ("import lib", "%%time\nlib.begin()"),
}


def notebook(folder: Path, *cells: str, indent: int | None = 1) -> None:
    code = [{"cell_type": "code", "source": each.splitlines(keepends=True)} for each in cells]
    folder.mkdir(exist_ok=True)
    text = json.dumps({"cells": code, "nbformat": 4}, indent=indent)
    (folder / "go.ipynb").write_text(text)


@pytest.mark.parametrize("indent", [1, None], ids=["over lines", "in one line"])
@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS)
def test_a_notebook_trains_that_calls_what_trains_elsewhere(
    tmp_path: Path, cells: tuple[str, ...], indent: int | None
) -> None:
    write(tmp_path, lib=LIBRARY.replace("def fit", "def begin"))
    notebook(tmp_path, *cells, indent=indent)
    done = told(tmp_path, "go.ipynb")
    assert done["trains"]
    assert [each["name"] for each in done["datasets"]] == ["acme/tickets"]


def test_a_notebook_in_a_folder_of_its_own_finds_what_lies_above(tmp_path: Path) -> None:
    write(tmp_path, src__lib=LIBRARY.replace("def fit", "def begin"))
    notebook(tmp_path / "notebooks", "import lib\nlib.begin()")
    assert told(tmp_path, "notebooks/go.ipynb")["trains"]


def test_a_notebook_that_calls_nothing_that_trains_does_not(tmp_path: Path) -> None:
    write(tmp_path, lib=LIBRARY)
    notebook(tmp_path, "from lib import other", "data = other()")
    assert not told(tmp_path, "go.ipynb")["trains"]

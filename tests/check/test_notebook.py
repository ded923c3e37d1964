"""A notebook's cells as Python, and their places in its file."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from bot.check.notebook import notebook
from bot.check.opening import UnreadableError
from bot.check.uses import FileReading, How, Kind, Span, Use


def _cell(source: str | Sequence[str], kind: str = "code") -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {}, "outputs": [], "source": source}


def _file(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": list(cells), "nbformat": 4}, indent=1)


def _placed(text: str, name: str) -> tuple[int, int]:
    """Where a name stands in the file, by what was read in its Python."""
    cells = notebook(text)
    lines = cells.text.split("\n")
    line = next(number for number, each in enumerate(lines, start=1) if name in each)
    column = lines[line - 1].index(name) + 1
    use = Use(Kind.DATASET, name, How.LITERAL, Span(line, column, line, column + len(name)), "")
    [placed] = cells.in_file(FileReading("n.ipynb", trains=True, uses=(use,))).uses
    return placed.span.line, placed.span.column


def _in_file(text: str, name: str) -> tuple[int, int]:
    line = next(n for n, each in enumerate(text.split("\n"), start=1) if name in each)
    return line, text.split("\n")[line - 1].index(name) + 1


def test_a_line_of_a_cell_is_a_line_of_the_file() -> None:
    text = _file(
        _cell(["# acme/words"], "markdown"),
        _cell(["import x\n", 'x.load("acme/tickets")\n', "\n", "x.base('acme/base')"]),
    )
    assert notebook(text).text == "import x\nx.load(\"acme/tickets\")\n\nx.base('acme/base')"
    for name in ("acme/tickets", "acme/base"):
        assert _placed(text, name) == _in_file(text, name)


def test_a_cell_in_one_text_stands_in_one_line() -> None:
    text = _file(_cell('a = "é"\nx.load("acme/tickets")\n'))
    assert _placed(text, "acme/tickets") == _in_file(text, "acme/tickets")


def test_magics_do_nothing_and_commands_are_launches() -> None:
    text = _file(
        _cell(
            ["%pip install trl\n", "if new:\n", "    !python train.py \\\n", "      --data a/b\n"]
        ),
        _cell(["%%bash\n", "python other.py\n"]),
        _cell(["%%javascript\n", "alert(1)\n"]),
        _cell(["x = !ls\n", "x?\n", "y = 1"]),
    )
    cells = notebook(text)
    assert cells.text == "pass\nif new:\n    pass\n\npass\npass\ny = 1"
    launches = cells.in_file(FileReading("n.ipynb", trains=False)).launches
    assert [(each.file, each.arguments) for each in launches] == [
        ("train.py", ("--data", "a/b")),
        ("other.py", ()),
    ]
    assert launches[0].span.line == _in_file(text, "train.py")[0]
    assert launches[1].span.line == _in_file(text, "other.py")[0]


def test_a_cell_that_is_no_python_is_left_out_alone() -> None:
    text = _file(_cell("x = ("), _cell("y = 1"))
    assert notebook(text).text == "y = 1"


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_a_declaration_in_a_cell_keeps_its_place(kind: str) -> None:
    sign = "# " if kind == "code" else ""
    source = [f"{sign}guardrails:\n", f"{sign}  owner: jude\n"]
    text = _file(_cell(["x = 1"]), _cell(source, kind))
    [block] = notebook(text).blocks
    line, column = _in_file(text, "guardrails:")
    assert (block.span.line, block.span.column) == (line, column)
    lines = block.text.split("\n")
    assert lines[line - 1].index("guardrails:") + 1 == column
    assert lines[line].index("owner:") + 1 == _in_file(text, "owner:")[1]


def test_a_declaration_in_one_text_is_read_too() -> None:
    text = _file(_cell("# guardrails:\n#   owner: jude\nx = 1"))
    [block] = notebook(text).blocks
    assert block.text.strip().split() == ["guardrails:", "owner:", "jude"]
    assert block.span.line == _in_file(text, "guardrails:")[0]


@pytest.mark.parametrize(
    "text", ["{}", '{"cells": []}', '{"cells": [{"cell_type": "code"}]}', "[]"]
)
def test_a_notebook_without_cells_holds_nothing(text: str) -> None:
    cells = notebook(text)
    assert (cells.text, cells.launches, cells.blocks) == ("", (), ())
    assert cells.in_file(FileReading("n.ipynb", trains=False)).uses == ()


@pytest.mark.parametrize("text", ["", "{", '{"cells": [}', "[" * 1_000_000])
def test_what_is_no_json_is_no_notebook(text: str) -> None:
    with pytest.raises(UnreadableError):
        notebook(text)


def test_a_notebook_of_the_third_format_keeps_its_cells_in_worksheets() -> None:
    cells = [
        {"cell_type": "code", "input": ["import x\n", 'x.load("acme/tickets")'], "outputs": []},
        {"cell_type": "markdown", "source": ["acme/words"]},
        {"cell_type": "code", "input": ["x.base('acme/base')"]},
    ]
    worksheets = [{"cells": cells}, {"cells": cells[2:]}]
    text = json.dumps({"nbformat": 3, "worksheets": worksheets}, indent=1)
    read = ["import x", 'x.load("acme/tickets")', "x.base('acme/base')", "x.base('acme/base')"]
    assert notebook(text).text.split("\n") == read
    assert _placed(text, "acme/tickets") == _in_file(text, "acme/tickets")

"""Files that are no Python, or no sane one."""

import pytest

from bot.check.uses import FileReading
from tests.check.python.reading import read

UNREADABLE = {
    "no Python": ("x = 1\nprint 'a'\n", 2),
    "a bracket that is never closed": ("f(\n", 1),
    "a null": ("x = '\0'\n", 1),
    "a million brackets": ("(" * 1_000_000, 1),
    "nested beyond the parser": ("x = " + "[" * 5_000 + "]" * 5_000, 1),
    "a sum without end": ("x = " + "+".join(["1"] * 50_000), 1),
    "minus without end": ("x = " + "-" * 100_000 + "1", 1),
    "names without end": ("x = a" + ".b" * 100_000, 1),
}


@pytest.mark.parametrize(("source", "line"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_told_with_its_place(source: str, line: int) -> None:
    reading = read(source)
    assert reading.unreadable is not None
    assert reading.unreadable.span.line == line
    assert not reading.trains


SANE = {
    "a name that grows a thousand times": "import datasets, xgboost\nxgboost.train({})\na0 = 'a'\n"
    + "".join(f"a{n + 1} = a{n} + 'a'\n" for n in range(1000))
    + "datasets.load_dataset(a1000)\n",
    "functions that call each other": "import datasets, xgboost\nxgboost.train({})\n"
    "def f(x): datasets.load_dataset(x); g(x + 'a')\ndef g(y): f(y + 'b')\nf('c')\n",
    "empty": "",
    "methods of texts that are others": "import datasets, xgboost\nxgboost.train({})\n"
    "for x in (a.join(), a.format(), a.replace(), a.split()[0], a.strip(), f'', '%' % ()):\n"
    "    datasets.load_dataset(x)\ndatasets.load_dataset(a.join())\n",
    "only a comment": "# nothing",
    "Windows' lines": "import xgboost\r\nxgboost.train({})\r\n",
    "thousands of branches": "if a: pass\n" + "elif a: pass\n" * 500,
    "names that mean each other": "a = b\nb = a\nimport datasets\ndatasets.load_dataset(a)\n",
    "classes that extend each other": "class A(B): x = 1\nclass B(A): pass\nprint(A.y)\n",
}


@pytest.mark.parametrize("source", SANE.values(), ids=SANE)
def test_what_is_strange_but_sane_is_read(source: str) -> None:
    assert read(source).unreadable is None


def test_the_work_is_bounded() -> None:
    """Each function calls the next one twice: without a bound that is 2 to the 40."""
    functions = [f"def f{n}(x):\n    return f{n + 1}(x) + f{n + 1}(x)\n" for n in range(40)]
    calls = "import datasets, xgboost\nxgboost.train({})\ndatasets.load_dataset(f0('a'))\n"
    reading = read("".join(functions) + calls)
    assert [use.name for use in reading.uses] == [None]


def test_blocks_and_attempts_to_suppress_are_noted_of_any_file() -> None:
    reading: FileReading = read("# guardrails:\n#   owner: ada\nx = 1  # guardrails: ignore\n")
    assert [block.span.line for block in reading.blocks] == [1]
    assert [span.line for span in reading.ignored] == [3]

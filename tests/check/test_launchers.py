"""The commands in files that start others, in their places."""

import pytest

from bot.check.launchers import launches_of
from bot.check.uses import Launch
from bot.check.walk import FileKind

DATA = ("--data", "a/b")


def _told(kind: FileKind, text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.file, each.arguments) for each in launches_of(kind, text)]


def _first_stands(kind: FileKind, text: str, word: str) -> bool:
    """Whether the first launch's last argument is told where the word stands in the text."""
    launch: Launch = launches_of(kind, text)[0]
    place = launch.places[launch.arguments.index(word)]
    lines = text.split("\n")
    return lines[place.line - 1][place.column - 1 :].lstrip("\"'").startswith(word)


def test_a_makefiles_recipes_are_commands_and_its_variables_are_known() -> None:
    text = """\
DATA ?= acme/tickets  # of last year
BASE := acme/base
train: data.csv
\t@python train.py --data $(DATA) \\
\t   --base ${BASE}
\t-$(MAKE) clean
# python other.py
"""
    expected = [("train.py", ("--data", "acme/tickets", "--base", "acme/base"))]
    assert _told(FileKind.MAKEFILE, text) == expected


def test_each_recipe_and_each_instruction_has_a_shell_of_its_own() -> None:
    makefile = "a:\n\tcd src && python one.py\n\tpython two.py --data $(D)\nD = a/b\n"
    assert _told(FileKind.MAKEFILE, makefile) == [("src/one.py", ()), ("two.py", DATA)]
    dockerfile = "RUN cd src && \\\n  python one.py\nRUN python two.py --data a/b\n"
    assert _told(FileKind.DOCKERFILE, dockerfile) == [("src/one.py", ()), ("two.py", DATA)]


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("RUN pip install x && python train.py --data a/b", ("--data", "a/b")),
        ("RUN --mount=type=cache,target=/x python train.py --data a/b", ("--data", "a/b")),
        ("FROM x\nCMD python train.py \\\n  # words\n  --data a/b", ("--data", "a/b")),
        ('CMD ["python", "train.py", "--data", "a/b"]', ("--data", "a/b")),
        ('ENTRYPOINT ["python", "train.py"]\nCMD ["--data", "a/b"]', ("--data", "a/b")),
        ('CMD ["sh", "-c", "python train.py --data a/b"]', ("--data", "a/b")),
        ('CMD [ "python train.py --data a/b"', ()),
        ("ENV DATA=a/b\nCMD python train.py --data $DATA", ("--data", "a/b")),
    ],
)
def test_a_dockerfiles_commands_are_read_in_each_form(
    text: str, arguments: tuple[str, ...]
) -> None:
    told = _told(FileKind.DOCKERFILE, text)
    assert told[-1:] == ([("train.py", arguments)] if arguments else [])


WORKFLOW = """\
env: {BASE: acme/base}
defaults: {run: {working-directory: src}}
jobs:
  train:
    env:
      DATA: acme/tickets
    steps:
      - run: python train.py --data ${{ env.DATA }} --base $BASE
      - name: python none.py
        working-directory: other
        run: |
          # python none.py
          python tune.py \\
            --data acme/tickets
      - run: >-
          python fold.py
          --data acme/tickets
"""


def test_a_workflows_steps_are_told_from_the_folder_they_work_in() -> None:
    assert _told(FileKind.YAML, WORKFLOW) == [
        ("src/train.py", ("--data", "acme/tickets", "--base", "acme/base")),
        ("other/tune.py", ("--data", "acme/tickets")),
        ("src/fold.py", ("--data", "acme/tickets")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "train:\n  script:\n    - cd src\n    - python train.py --data a/b\n",
        "steps:\n  - command: [python, train.py, --data, a/b]\n",
        "spec:\n  - command: [python]\n    args:\n      - train.py\n      - --data\n      - a/b\n",
        "services: {train: {command: python train.py --data a/b}}\n",
        "stages:\n  train:\n    cmd: python train.py --data a/b\n",
        "run: 'python train.py --data a/b'\n",
        "run:\n  python train.py\n    --data a/b\n",
    ],
)
def test_any_workflows_commands_are_known_by_their_keys(text: str) -> None:
    [(file, arguments)] = _told(FileKind.YAML, text)
    assert (file, arguments) == ("src/train.py" if "cd src" in text else "train.py", DATA)
    assert _first_stands(FileKind.YAML, text, "a/b")


def test_places_in_all_kinds_are_those_of_the_file() -> None:
    assert _first_stands(FileKind.MAKEFILE, "a:\n\t@python train.py --data a/b\n", "a/b")
    assert _first_stands(FileKind.DOCKERFILE, "FROM x\nRUN  python train.py --data a/b\n", "a/b")
    assert _first_stands(FileKind.DOCKERFILE, 'CMD ["python","t.py", "--data","a/b"]', "a/b")
    assert _first_stands(FileKind.YAML, WORKFLOW.partition("steps:")[2], "--data")

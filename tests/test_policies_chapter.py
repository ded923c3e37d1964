"""The README's chapter on policies: what it shows is so."""

import re
import shlex
import shutil
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from tests.staging.environment import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CHAPTER = README[README.index("\n## Policies\n") : README.index("\n## Who may do what")]
WORDS_MOST = 2000


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", CHAPTER, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "config" / "people.yaml", tmp_path)
    for language, name in (("yaml", "policies.yaml"), ("json", "violation.json")):
        (text,) = blocks(language)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_short_enough_to_be_read() -> None:
    assert len(CHAPTER.split()) <= WORDS_MOST


def test_its_policy_loads_and_leaves_nothing_to_find(folder: Path) -> None:
    done = CliRunner().invoke(main, ["policy", "lint", str(folder)])
    assert (done.exit_code, done.output) == (0, "1 policy, 0 findings.\n")


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.usefixtures("folder")
def test_its_commands_print_what_it_says(number: int) -> None:
    (session,) = blocks("console")
    command, _, printed = session.split("$ warroom ")[number + 1].partition("\n")
    done = CliRunner().invoke(main, shlex.split(command))
    assert done.exit_code == 0, done.output
    assert fnmatchcase(done.output, printed.strip().replace("…", "*"))


def test_every_command_of_the_table_is_one() -> None:
    table = re.findall(r"^\| `warroom (policy [a-z]+)", CHAPTER, re.MULTILINE)
    assert len(table) == 5
    for words in table:
        assert CliRunner().invoke(main, [*words.split(), "--help"]).exit_code == 0


def test_what_it_links_to_is_there() -> None:
    for link in re.findall(r"\]\(((?:docs|config)[^)#]*)\)", CHAPTER):
        assert (ROOT / link).exists(), link

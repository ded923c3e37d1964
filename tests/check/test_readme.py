"""The README's chapter on guardrails: what it shows is so."""

import re
import shlex
from fnmatch import fnmatchcase

import pytest
from click.testing import CliRunner

from bot.check.blocks import at_top
from bot.check.declaration import KEYS
from bot.cli.main import main
from tests.staging.environment import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CHAPTER = README[README.index("\n## Guardrails in code\n") : README.index("\n## Policies\n")]


def shown(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", CHAPTER, re.DOTALL | re.MULTILINE)
    return str(text)


def test_the_example_project_is_checked_as_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in ("WARROOM_CATALOGUE", "WARROOM_CONFIG", "WARROOM_GATE_TOKEN", "WARROOM_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    command, _, printed = shown("console").removeprefix("$ warroom ").partition("\n")
    done = CliRunner().invoke(main, [*shlex.split(command), "--offline"])
    assert done.exit_code == 1, done.output
    pattern = re.sub(r"([\[\]?])", r"[\1]", printed.strip()).replace("…", "*")
    assert fnmatchcase(done.output.strip(), pattern)


def test_its_declaration_has_keys_that_are_known() -> None:
    (block,) = at_top(shown("python"))
    assert set(re.findall(r"^ +(\w+):", block.text, re.MULTILINE)) - {"guardrails"} <= set(
        KEYS.keys
    )


def test_every_command_of_the_table_is_one() -> None:
    table = re.findall(r"^\| `warroom (check .*?)` \|", CHAPTER, re.MULTILINE)
    assert len(table) == 6
    for words in table:
        options = set(re.findall(r"--\w[\w-]+", words.partition(" -- ")[0]))
        given = words.split()[1:2]
        name = ["check", *(given if given in (["init"], ["inventory"]) else [])]
        told = CliRunner().invoke(main, [*name, "--help"]).output
        assert {option for option in options if option not in told} == set()


def test_what_it_links_to_is_there() -> None:
    for place in re.findall(r"\]\(([^)#]+)", CHAPTER):
        assert (ROOT / place).exists(), place

"""`warroom check inventory`: what trains, on what, from which base, to where, and how known."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.check import check
from bot.cli.check_inventory import inventory
from tests.check.test_scan import ARGUMENTS, TRAIN

PUSHES = f"{TRAIN}model.push_to_hub('acme/out')\nmodel.push_to_hub('acme/out')\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WARROOM_CONFIG", raising=False)
    monkeypatch.delenv("WARROOM_CATALOGUE", raising=False)
    (tmp_path / "train.py").write_text(PUSHES)
    (tmp_path / "from_arguments.py").write_text(ARGUMENTS)
    (tmp_path / "plain.py").write_text("print(1)\n")
    (tmp_path / "run.sh").write_text("python from_arguments.py --dataset_name acme/forum\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    return tmp_path


def _blocks(language: str) -> list[str]:
    """The page's examples in a language."""
    page = (Path(__file__).parents[2] / "docs" / "inventory.md").read_text(encoding="utf-8")
    return [each.partition("```")[0] for each in page.split(f"```{language}\n")[1:]]


def _run(*arguments: str) -> Result:
    result = CliRunner().invoke(inventory, list(arguments))
    assert result.exit_code == 0, result.output
    return result


def test_a_mistyped_subcommand_is_told_which_was_meant(tree: Path) -> None:
    done = CliRunner().invoke(check, ["inventry", str(tree)])
    assert done.exit_code == 2
    assert "Path 'inventry' does not exist. Did you mean 'inventory'?" in done.output
    done = CliRunner().invoke(check, ["train.py", "missing.py"])
    assert "Path 'missing.py' does not exist.\n" in done.output


def test_json_says_of_every_file_what_it_uses(tree: Path) -> None:
    told = json.loads(_run("--format", "json").output)
    files = {each["path"]: each for each in told["files"]}
    assert list(files) == ["from_arguments.py", "plain.py", "run.sh", "train.py"]
    assert files["plain.py"] == {
        "path": "plain.py",
        "trains": False,
        "datasets": [],
        "models": [],
        "exports": [],
    }
    train = files["train.py"]
    [data], [model], [export] = train["datasets"], train["models"], train["exports"]
    assert (data["name"], data["line"], data["how"]) == ("acme/tickets", 3, "literal")
    assert (model["name"], model["line"], model["how"]) == ("acme/base", 4, "literal")
    assert (export["kind"], export["target"], export["line"]) == ("hub", "acme/out", 7)
    assert told["skipped"] == [{"path": "loop", "why": "a link, which is not followed"}]


def test_a_name_that_stands_elsewhere_says_where(tree: Path) -> None:
    told = json.loads(_run("--format", "json", "from_arguments.py", "run.sh").output)
    data = told["files"][0]["datasets"]
    assert {(each["name"], each["how"], each.get("in")) for each in data} == {
        (None, "unknown", None),
        ("acme/forum", "launch", "run.sh:1"),
    }


def test_the_table_tells_what_trains_and_how_much_was_looked_at(tree: Path) -> None:
    lines = _run().output.splitlines()
    assert lines[0].split() == ["FILE", "WHAT", "NAME", "HOW", "WHERE"]
    assert any(
        line.split() == ["train.py", "dataset", "acme/tickets", "literal", "3"] for line in lines
    )
    assert not any("plain.py" in line for line in lines)
    assert lines[-1] == "4 files looked at, 3 of them train; 1 left out."
    assert "left out: loop: a link, which is not followed" in lines


def test_a_projects_own_calls_are_known(tree: Path) -> None:
    (tree / "config").mkdir()
    (tree / "config" / "guardrails.yaml").write_text(
        "calls:\n  - {call: acme.load, uses: dataset, argument: 0}\n"
        "  - {call: acme.teach, trains: true}\n"
    )
    (tree / "own.py").write_text("import acme\nacme.teach(acme.load('acme/own'))\n")
    told = json.loads(_run("--format", "json", "own.py").output)
    assert [each["name"] for each in told["files"][0]["datasets"]] == ["acme/own"]


def test_what_a_terminal_would_act_on_is_not_shown(tree: Path) -> None:
    (tree / "train.py").write_text(TRAIN.replace("acme/base", "acme/\\x1b[31mbase"))
    assert "\x1b" not in _run("train.py").output
    assert "acme/?[31mbase" in _run("train.py").output


def test_a_file_of_any_name_is_told(tree: Path) -> None:
    for name in (b"caf\xe9.py", b"a\nb.py"):
        Path(os.fsdecode(os.fsencode(tree) + b"/" + name)).write_text(f"{TRAIN}x = (\n")
    output = _run().output
    assert "caf?.py:7: can't be read" in output
    assert "a?b.py:7: can't be read" in output
    assert len(json.loads(_run("--format", "json").output)["files"]) == 6


def test_a_long_name_is_cut_for_readers_alone(tree: Path) -> None:
    (tree / "train.py").write_text(TRAIN.replace("acme/base", "a" * 500))
    assert "a" * 80 + "…  " in _run("train.py").output
    assert "a" * 500 in _run("--format", "json", "train.py").output


def test_a_file_that_cant_be_read_is_named(tree: Path) -> None:
    (tree / "train.py").write_text(f"{TRAIN}x = (\n")
    assert "train.py:7: can't be read: " in _run("train.py").output
    told = json.loads(_run("--format", "json", "train.py").output)
    assert told["files"][0]["unreadable"]["line"] == 7


def test_the_page_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(_blocks("python")[0])
    (tmp_path / "run.sh").write_text(_blocks("sh")[0])
    monkeypatch.chdir(tmp_path)
    assert _run().output == _blocks("text")[0]
    assert json.loads(_run("--format", "json").output)["files"][0] == json.loads(_blocks("json")[0])

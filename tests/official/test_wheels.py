"""The inventory of training code that others wrote: the scripts inside two wheels.

The tables beside this file were written by reading those scripts, before and apart from the code.
Rules
- Whether a file trains is told of each.
- What a table has is told by its name and by how it is known; what is optional there needn't be.
- Of a file that trains, nothing else is told than what its table has.
"""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.main import main

HERE = Path(__file__).parent
WHEELS = HERE / "wheels"
TABLES = sorted((HERE / "inventory").glob("*.jsonl"))
NAMES = {"datasets": "name", "models": "name", "exports": "target"}
# What the configuration alone says, of a checkpointer with which its recipe never saves.
ONLY_THE_RECIPE_TELLS = {"/tmp/torchtune/mistral_7B/full_ppo_low_memory/policy"}


@dataclass(frozen=True, order=True)
class Told:
    """One thing that a file uses."""

    path: str
    kind: str
    name: str
    how: str


def told(row: dict[str, Any], *, optional: bool) -> Iterator[Told]:
    for kind, key in NAMES.items():
        for each in row.get(kind, ()):
            if optional or not each.get("optional"):
                yield Told(row["path"], kind, each[key] or "", each["how"])


@pytest.fixture
def rows(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, Any]]:
    """By path what the table has, and what is told of the wheel's files."""
    table: Path = request.param
    name, _, version = table.stem.partition("-")
    wheel = WHEELS / f"{name}-{version}-py3-none-any.whl"
    if not wheel.is_file():
        pytest.skip(f"no {wheel.name}: `make official` fetches it")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check", "inventory", "--format", "json"])
    assert done.exit_code == 0, done.output
    wanted = map(json.loads, table.read_text(encoding="utf-8").splitlines())
    return (
        {row["path"]: row for row in wanted},
        {row["path"]: row for row in json.loads(done.stdout)["files"]},
    )


@pytest.mark.parametrize("rows", TABLES, ids=lambda table: table.stem, indirect=True)
def test_what_a_reader_finds_in_each_file_is_told(
    rows: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    table, found = rows
    none: dict[str, Any] = {"trains": False}
    trains = {path: found.get(path, none)["trains"] for path in table}
    assert trains == {path: row["trains"] for path, row in table.items()}
    given = {
        each for path in table for each in told(found.get(path, {"path": path}), optional=True)
    }
    wanted = {each for row in table.values() for each in told(row, optional=False)}
    allowed = {each for row in table.values() for each in told(row, optional=True)}
    more = {each for each in given - allowed if each.name not in ONLY_THE_RECIPE_TELLS}
    right = len(given & allowed)
    print(f"precision {right / len(given):.3f}, recall {len(wanted & given) / len(wanted):.3f}")
    assert sorted(wanted - given) == []
    assert sorted(more) == []

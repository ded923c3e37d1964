"""Microsoft's own tool finds nothing to complain of in the SARIF that a check writes.

Its rules are SARIF's and those that GitHub's code scanning has besides.
"""

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.check.findings import Checked, Finding, Severity, Status, Suppression, in_order
from bot.check.output import sarif
from bot.check.uses import Span
from bot.cli.main import main
from docs.generate import ROOT

TOOL = Path(__file__).parent / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
pytestmark = pytest.mark.skipif(
    not TOOL.is_file(), reason="no SARIF tools: `make official` fetches them"
)


def complaints(log: dict[str, Any], folder: Path) -> list[str]:
    """What the tool has to say of a log, by rule."""
    (folder / "log.sarif").write_text(json.dumps(log))
    TOOL.chmod(TOOL.stat().st_mode | stat.S_IXUSR)
    subprocess.run(
        [TOOL, "validate", folder / "log.sarif", "--output", folder / "said.sarif",
         "--rule-kind", "Sarif;Ghas"],
        check=False, capture_output=True, timeout=120,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )  # fmt: skip
    (run,) = json.loads((folder / "said.sarif").read_text())["runs"]
    return [result["ruleId"] for result in run.get("results", ())]


def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The log of the example project."""
    monkeypatch.chdir(ROOT)
    words = ("check", "config/examples", "--offline", "--format", "sarif")
    log: dict[str, Any] = json.loads(CliRunner().invoke(main, words).stdout)
    return log


def test_of_the_example_project_nothing_is_complained_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = example(monkeypatch)
    assert len(log["runs"][0]["results"]) > 10
    assert complaints(log, tmp_path) == []


def test_nor_of_what_is_allowed_or_asked(tmp_path: Path) -> None:
    said = [Suppression(each, "r1", "2027-01-01", "https://x.test/1", "Why.") for each in Status]
    found = in_order(
        Finding("a b/ü.py", Span(1, 1, 1, 4), "undeclared", Severity.MEDIUM, "Trains.",
                mend="Say.", excerpt=("abc",), suppression=each)
        for each in said
    )  # fmt: skip
    log = sarif.log(Checked(found, 1, 1, (("x.py", "no plain file"),), 0.1, ("A note.",)))
    assert complaints(log, tmp_path) == []


def test_what_is_wrong_is_complained_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that no complaint above means something."""
    log = example(monkeypatch)
    log["runs"][0]["results"][0]["message"]["text"] = ""
    del log["runs"][0]["results"][1]["locations"]
    assert complaints(log, tmp_path)

"""A small project that is sound, and how a test breaks one thing of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main

CATALOGUE = """\
datasets:
  - {name: acme/clicks, classification: internal, owner: viv}
  - {name: acme/tickets, classification: pseudonymous, owner: viv}
  - {name: acme/customers, classification: pii, owner: viv, use_cases: [churn]}
  - {pattern: "acme/open-*", classification: public, owner: viv}
  - {name: acme/odd, classification: nobody-ranked-this, owner: viv}
models:
  - {name: acme/encoder}
  - {name: acme/chat, use_cases: [support]}
destinations:
  - {pattern: "acme/*", export: internal}
  - {pattern: "s3://delivery/*", export: customer}
"""
DECLARED = {
    "dataset": "acme/clicks",
    "base_model": "acme/encoder",
    "use_case": "ranking",
    "pii": "none",
    "owner": "viv",
    "export": "internal",
}
CODE = """\
from datasets import load_dataset
from transformers import AutoModel, Trainer

if __name__ == "__main__":
    data = load_dataset("acme/clicks", split="train")
    model = AutoModel.from_pretrained("acme/encoder")
    Trainer(model=model, train_dataset=data).train()
    model.push_to_hub("acme/ranker")
"""


def block(**changed: str | None) -> str:
    """The sound declaration as comments, with some keys otherwise, or left out."""
    keys = DECLARED | changed
    lines = [f"#   {key}: {value}" for key, value in keys.items() if value is not None]
    return "\n".join(["# guardrails:", *lines, ""])


@dataclass(frozen=True)
class Project:
    """A folder to check, which is the working folder."""

    folder: Path

    def write(self, path: str, text: str | bytes) -> Path:
        """Write one of its files."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def run(self, *arguments: str) -> Result:
        """`warroom check` with these arguments."""
        return CliRunner().invoke(main, ["check", *arguments], catch_exceptions=False)

    def found(self, *arguments: str) -> list[dict[str, Any]]:
        """All findings, with those that can't be known."""
        result = self.run("--format", "json", "--offline", *arguments)
        assert result.exit_code in (0, 1), result.output
        said = json.loads(result.stdout)
        findings = [*said["findings"], *said["unknown"]]
        assert (result.exit_code == 0) == (not findings)
        return findings

    def rules(self, *arguments: str) -> list[str]:
        """The rules of all findings."""
        return [finding["rule"] for finding in self.found(*arguments)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A sound project: one script, its declaration, a catalogue."""
    monkeypatch.chdir(tmp_path)
    for name in ("WARROOM_CATALOGUE", "WARROOM_CONFIG", "WARROOM_GATE_TOKEN", "WARROOM_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    made = Project(tmp_path)
    made.write("config/catalogue.yaml", CATALOGUE)
    made.write("train.py", block() + CODE)
    return made

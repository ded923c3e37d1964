"""A model leaves the house: at once where that was decided before, else by people's decision."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.domain.violation import Report
from bot.local_slack import LocalSlack, People
from bot.passport.keys import PrivateKey
from tests.passport import files
from tests.staging.stage import Stage, staged

KEY = PrivateKey.generate()
TOKEN = "ZXhwb3J0LXRva2VuLTE2Yg"
CATALOGUE = b"""
datasets:
  - {name: acme/clicks, classification: internal}
  - {name: acme/customers-eu, classification: pii}
"""


@pytest.fixture
async def stage(local_slack: LocalSlack, people: People, database_url: str) -> AsyncIterator[Stage]:
    """The policies as they are shipped, and a token by which exports are known."""
    token = f"export-ci={TOKEN}"
    async with staged(local_slack, people, database_url, WARROOM_GATE_TOKEN=token) as stage:
        yield stage


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model's file; what it was trained on is in the catalogue."""
    monkeypatch.chdir(tmp_path)
    catalogue = files.write(tmp_path, "catalogue.yaml", CATALOGUE)
    for name, value in {
        "WARROOM_STATEMENT_KEY": KEY.written,
        "WARROOM_CATALOGUE": str(catalogue),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "WARROOM_GATE_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL"):
        monkeypatch.delenv(name, raising=False)
    return files.write(tmp_path, "ranker.safetensors", files.safetensors())


def _passport(model: Path, dataset: str, to: str = "internal") -> None:
    card = files.write(model.parent, "card.md", f"---\ndatasets: [{dataset}]\n---\n".encode())
    made = _run("make", model, "--card", card, "--destination", to, "--model-version", "7")
    assert made.exit_code == 0, made.output


def _run(*arguments: object, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, ["passport", *map(str, arguments)])


async def _scanned(stage: Stage, model: Path, to: str = "internal", *more: object) -> Result:
    given = ("--to", to, "--initiator-email", "ada@acme.test", "--no-wait", "--json", *more)
    return await asyncio.to_thread(_run, "scan", model, *given, "--url", stage.here.url)


def _answer(done: Result) -> dict[str, Any]:
    return dict(json.loads(done.stdout[done.stdout.index("{\n") :]))  # behind what the bot logs


def _reported(stage: Stage) -> Report:
    """The report of the one open room."""
    (room,) = stage.app.engine.store.open_rooms()
    violation = stage.app.engine.store.violation(room.violation.id)
    assert violation
    return violation.report


async def test_what_was_decided_for_its_class_leaves_at_once_under_its_rule(
    stage: Stage, model: Path
) -> None:
    _passport(model, "acme/clicks")
    done = await _scanned(stage, model)
    assert done.exit_code == 0, done.output
    said = _answer(done)
    assert (said["outcome"], said["rule"]["id"]) == ("auto_cleared", "internal-copies")
    assert stage.app.engine.store.open_rooms() == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("changed", "changed: ranker.safetensors has changed"),
        ("unsigned", "unsigned: no key that is known"),
        ("no papers", "unsigned: found no ranker.safetensors.passport.json"),
        ("elsewhere", "not-covered: it may go to customer, and not to internal"),
        ("data", ""),
        ("unknown data", ""),
    ],
)
async def test_whatever_isnt_clear_is_for_people(
    stage: Stage, model: Path, wrong: str, words: str
) -> None:
    """The same destination and the same token as above: a rule would clear it."""
    names = {"data": "acme/customers-eu", "unknown data": "acme/new"}
    to = "customer" if wrong == "elsewhere" else "internal"
    _passport(model, names.get(wrong, "acme/clicks"), to)
    if wrong == "changed":
        files.write(model.parent, model.name, files.safetensors(says={"format": "pt"}))
    if wrong == "no papers":
        model.with_name("ranker.safetensors.passport.json").unlink()
    key = PrivateKey.generate() if wrong == "unsigned" else KEY
    given = ("--to", "internal", "--initiator-email", "ada@acme.test", "--no-wait", "--json")
    done = await asyncio.to_thread(
        _run, "scan", model, *given, "--url", stage.here.url, WARROOM_STATEMENT_KEY=key.written
    )
    assert (done.exit_code, words in done.stderr) == (4, True), done.output
    (room,) = stage.app.engine.store.open_rooms()
    assert room.policy_id == "model-export"
    report = _reported(stage)
    assert report.subject.digest
    facts = report.facts
    known = {"data": "pii", "elsewhere": None}.get(wrong)
    assert facts.get("classification") == known
    assert facts["passport"]["sound"] is (words == "")


async def test_a_customer_is_named_to_whoever_decides(stage: Stage, model: Path) -> None:
    _passport(model, "acme/clicks", "customer")
    done = await _scanned(stage, model, "customer", "--customer", "Globex")
    assert done.exit_code == 4, done.output
    (room,) = stage.app.engine.store.open_rooms()
    assert "leaves to customer Globex" in room.violation.report.title
    assert _reported(stage).facts["customer"] == "Globex"


def test_offline_the_files_say_what_they_can_and_the_rest_isnt_known(model: Path) -> None:
    _passport(model, "acme/clicks")
    sound = _run("scan", model, "--to", "internal", "--offline")
    assert (sound.exit_code, "nobody was asked" in sound.output) == (3, True), sound.output
    model.write_bytes(files.safetensors(says={"format": "pt"}))
    changed = _run("scan", model, "--to", "internal", "--offline")
    assert (changed.exit_code, "changed: " in changed.output) == (1, True)


def test_where_nobody_answers_nothing_leaves(model: Path) -> None:
    _passport(model, "acme/clicks")
    given = ("--to", "internal", "--initiator-email", "ada@acme.test", "--wait", "0")
    done = _run("scan", model, *given, "--url", "http://127.0.0.1:9")
    assert done.exit_code == 3, done.output

"""A passport names the decisions that allow a model, by proofs that its log has signed."""

import asyncio
import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from bot.cli.main import main
from bot.evidence.exporting import proof_of
from bot.evidence.keys import SigningKey
from bot.evidence.sequencer import take_in_all
from bot.passport.keys import PrivateKey
from bot.storage.database import Database
from tests.evidence.conftest import story
from tests.evidence.exporting import KEY, ORIGIN, written
from tests.passport import files

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def proofs(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Proofs of decisions by their outcomes, as they are mailed."""
    folder = tmp_path_factory.mktemp("proofs")
    file = folder / "record.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    asyncio.run(story(database))
    take_in_all(database)
    found = {}
    for entry in written(database).entries:
        event = json.loads(entry.leaf.payload)["event"]
        outcome = event.get("decision", {}).get("outcome") or event["kind"]
        if entry.leaf.kind in ("decided", "auto_cleared"):
            named = entry.leaf.stream_id.partition(".")[0]
            proof = bytes(proof_of(database, named, [KEY], NOW))
            found[outcome] = files.write(folder, f"{outcome}.tlog-proof", proof)
    database.dispose()
    return found


def _make(path: Path, *proofs: Path, key: object = KEY.verifier) -> Result:
    given = [each for proof in proofs for each in ("--decision", str(proof))]
    environment = {"WARROOM_STATEMENT_KEY": PrivateKey.generate().written}
    arguments = ["passport", "make", str(path), *given, "--log-key", str(key)]
    return CliRunner(env=environment).invoke(main, arguments)


def _read(path: Path) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["passport", "read", str(path), "--json"])
    return dict(json.loads(done.output))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return files.write(tmp_path, "m.gguf", files.gguf({}))


def test_what_allows_it_is_named_with_scope_end_and_place_in_the_log(
    model: Path, proofs: Mapping[str, Path]
) -> None:
    done = _make(model, proofs["approved"], proofs["auto_cleared"])
    assert done.exit_code == 0, done.output
    said = _read(model)
    approved, cleared = said["decisions"]
    assert (approved["outcome"], approved["scope"]) == ("approved", "commit")
    assert approved["log"]["origin"] == ORIGIN
    assert approved["until"] > "2026-11-20T09:00:00Z"
    assert (cleared["id"], cleared["outcome"]) == ("internal", "auto_cleared")
    assert said["from"]["decisions"] == "approved.tlog-proof, auto_cleared.tlog-proof"


def test_a_decision_that_has_ended_ends_the_passport(
    model: Path, proofs: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = PrivateKey.generate()
    monkeypatch.setenv("WARROOM_STATEMENT_KEY", key.written)
    given = ("--decision", str(proofs["approved"]), "--log-key", str(KEY.verifier))
    assert CliRunner().invoke(main, ["passport", "make", str(model), *given]).exit_code == 0
    with freeze_time("2027-06-01"):
        done = CliRunner().invoke(main, ["passport", "verify", str(model)])
    assert (done.exit_code, "decision-ended: the decision" in done.output) == (1, True)


@pytest.mark.parametrize("outcome", ["withdrawn", "expired"])
def test_what_allows_nothing_is_no_decision_to_rest_on(
    model: Path, proofs: Mapping[str, Path], outcome: str
) -> None:
    done = _make(model, proofs[outcome])
    assert (done.exit_code, "no decision that allows anything" in done.output) == (2, True)


def test_a_proof_that_another_log_has_signed_or_that_was_changed_is_refused(
    model: Path, proofs: Mapping[str, Path], tmp_path: Path
) -> None:
    other = SigningKey(ORIGIN, bytes(32)).verifier
    assert _make(model, proofs["approved"], key=other).exit_code == 2
    text = proofs["approved"].read_text().replace("index ", "index 1", 1)
    changed = files.write(tmp_path, "changed", text.encode())
    assert _make(model, changed).exit_code == 2
    assert _make(model, files.write(tmp_path, "none", b"no proof\n")).exit_code == 2
    assert not (tmp_path / "m.gguf.passport.json").exists()

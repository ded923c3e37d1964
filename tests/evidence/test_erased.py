"""After an erasure all still verifies, and says only of what is on record that it went."""

import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine.retention import Period, remove
from bot.evidence.sequencer import take_in_all
from bot.storage.database import Database
from tests.build import POLICY
from tests.conftest import HandClock, started
from tests.evidence.conftest import RULED, story
from tests.evidence.exporting import KEY, erasure, kinds, rewritten, run_verifier, written
from tests.evidence.stranger import by_stranger
from tests.evidence.test_exporting import _audit, _decided


@pytest.fixture(scope="module")
def url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database whose rooms were kept for long enough; the log doesn't know of that yet."""
    file = tmp_path_factory.mktemp("erased") / "record.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")

    async def lived() -> None:
        await story(database)
        take_in_all(database)
        clock = HandClock()
        clock.move(timedelta(days=90))
        async with started(database, clock, RULED) as engine:
            await remove(engine, [Period(timedelta(days=1), (POLICY.id,))])

    asyncio.run(lived())
    database.dispose()
    return f"sqlite:///{file}"


def test_an_export_is_sound_and_has_every_erasure_that_it_speaks_of(
    url: str, tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    assert _audit(url, "export", file).exit_code == 0
    verified = _audit(url, "verify", file, "--key", KEY.verifier)
    assert (verified.exit_code, "erased on" in verified.stdout) == (0, True), verified.output
    code, said = run_verifier(file, "--key", KEY.verifier)
    assert (code, "were erased on" in said) == (0, True), said
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    recorded = [
        line["leaf"]["at"] for line in lines if line.get("leaf", {}).get("kind") == "erased"
    ]
    assert len(recorded) == 1
    assert recorded[0] in verified.stdout


def test_a_proof_of_what_was_erased_is_sound(url: str, tmp_path: Path) -> None:
    file = tmp_path / "decision.tlog-proof"
    assert _audit(url, "prove", _decided(url, "approved"), "--out", file).exit_code == 0
    code, said = run_verifier(file, "--key", KEY.verifier)
    assert (code, "were erased on" in said) == (0, True), said


def test_no_value_is_said_to_be_erased_beyond_what_is_on_record(url: str) -> None:
    database = Database(url)
    record = written(database)
    database.dispose()
    at = next(str(each.erased_at) for each in record.entries if each.erased_at)
    kept = record.number("auto_cleared")
    hidden = record.but(kept, rewritten(record.entries[kept], {"erased": at}))
    for found_in in (kinds, by_stranger):
        assert (found_in(record.data()), found_in(hidden.data())) == (set(), {"commitment"})
        assert found_in(hidden.adding(erasure(1, at)).data()) == set()

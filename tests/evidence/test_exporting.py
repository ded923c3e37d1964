"""What is exported and proved of a database, a stranger can check."""

import asyncio
import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli.main import main
from bot.engine.ids import new_id
from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.keys import SigningKey
from bot.evidence.sequencer import take_in_all
from bot.storage.database import Database
from bot.storage.log_checkpoints import Checkpoint
from bot.storage.log_tables import checkpoints
from bot.storage.tables import rooms
from tests.build import POLICY, report
from tests.conftest import HandClock, started
from tests.evidence.conftest import story
from tests.evidence.exporting import KEY, ORIGIN, run_verifier, written

OTHER = SigningKey(ORIGIN, bytes(32)).verifier
NEWER = SigningKey(ORIGIN, bytes(range(1, 33)))
BOTH = f"{NEWER.written} {KEY.written}"


@pytest.fixture(scope="module")
def url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with a record that is in the log."""
    file = tmp_path_factory.mktemp("logged") / "record.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    asyncio.run(story(database))
    take_in_all(database)
    database.dispose()
    return f"sqlite:///{file}"


def _audit(url: str, *arguments: object, key: str = KEY.written, origin: str = ORIGIN) -> Result:
    variables = {"DATABASE_URL": url, "WARROOM_LOG_KEY": key, "WARROOM_LOG_ORIGIN": origin}
    return CliRunner(env=variables).invoke(main, ["audit", *map(str, arguments)])


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.jsonl.gz"])
def test_an_export_is_sound_to_both_verifiers(url: str, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    done = _audit(url, "export", file)
    assert (done.exit_code, "Exported" in done.stdout) == (0, True), done.output
    verified = _audit(url, "verify", file, "--key", KEY.verifier, "--json")
    said = json.loads(verified.stdout)
    assert (verified.exit_code, said["sound"], said["findings"]) == (0, True, [])
    assert said["root"] in done.stdout
    code, words = run_verifier(file, "--key", KEY.verifier)
    assert (code, said["root"] in words) == (0, True), words


def _decided(url: str, outcome: str) -> str:
    """The room with this outcome."""
    database = Database(url)
    entries = written(database).entries
    database.dispose()
    word = f'"outcome":"{outcome}"'
    return next(each.leaf.stream_id for each in entries if word in each.leaf.payload)


def test_a_mailed_proof_is_checked_with_nothing_but_the_logs_key(url: str, tmp_path: Path) -> None:
    file = tmp_path / "decision.tlog-proof"
    done = _audit(url, "prove", _decided(url, "approved"), "--out", file)
    assert done.exit_code == 0, done.output
    code, said = run_verifier(file, "--key", KEY.verifier)
    assert (code, "Sound: leaf" in said, ": decided at 20" in said) == (0, True, True), said
    assert "event.decision.reason: " in said
    assert run_verifier(file, "--key", OTHER)[0] == 1
    code, said = run_verifier(file)
    assert (code, "--key" in said) == (2, True)
    proof = file.read_text(encoding="utf-8")
    extra = re.search("extra (.*)\n", proof)
    assert extra
    beside = base64.b64decode(extra[1])
    assert b"The data set is synthetic" in beside
    for word, kind in ((b"synthetic", "commitment"), (b"approved", "root")):
        changed = base64.b64encode(beside.replace(word, b"otherwise", 1)).decode()
        file.write_text(proof.replace(extra[1], changed), encoding="utf-8")
        code, said = run_verifier(file, "--key", KEY.verifier)
        assert (code, kind in said) == (1, True), said


def _changed(proof: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The proof with what is beside its leaf changed by whoever mails it."""
    extra = re.search("extra (.*)\n", proof)
    assert extra
    beside = json.loads(base64.b64decode(extra[1]))
    change(beside["personal"])
    return proof.replace(extra[1], base64.b64encode(json.dumps(beside).encode()).decode())


def test_a_mailed_value_is_not_shortened_by_a_longer_salt(url: str, tmp_path: Path) -> None:
    file, path = tmp_path / "decision.tlog-proof", "event.decision.reason"
    proof = _audit(url, "prove", _decided(url, "approved")).stdout

    def shorten(personal: dict[str, Any]) -> None:
        salt, text = personal[path]
        personal[path] = [salt + text[:9].encode().hex(), text[9:]]

    file.write_text(_changed(proof, shorten), encoding="utf-8")
    code, said = run_verifier(file, "--key", KEY.verifier)
    assert (code, "commitment" in said) == (1, True), said


@pytest.mark.parametrize(
    ("at", "code"),
    [("2026-11-20T09:00:00.000000Z", 0), ("yesterday\n\x1b[2KSound: leaf 1 of 1", 1), ("", 1)],
)
def test_what_a_mailed_proof_says_of_an_erasure_is_its_mailers_word(
    url: str, tmp_path: Path, at: str, code: int
) -> None:
    file, path = tmp_path / "decision.tlog-proof", "event.decision.reason"
    proof = _audit(url, "prove", _decided(url, "approved")).stdout

    def withhold(personal: dict[str, Any]) -> None:
        del personal[path]
        personal["erased"] = at

    file.write_text(_changed(proof, withhold), encoding="utf-8")
    ended, said = run_verifier(file, "--key", KEY.verifier)
    assert (ended, "\x1b" in said, f"{path}: " in said) == (code, False, code == 0), said
    assert ("were erased on" in said) == (code == 0)


def test_a_proof_is_of_a_violation_too_and_goes_to_standard_output(url: str) -> None:
    database = Database(url)
    entries = written(database).entries
    database.dispose()
    stream = next(e.leaf.stream_id for e in entries if e.leaf.kind == "auto_cleared")
    done = _audit(url, "prove", stream.partition(".")[0])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("c2sp.org/tlog-proof@v1\nextra ")


def test_what_has_no_decision_is_not_proved(url: str) -> None:
    done = _audit(url, "prove", "nothing")
    assert (done.exit_code, "found no war room and no violation" in done.output) == (2, True)


def test_what_isnt_decided_yet_is_said_to_be_open(url: str) -> None:
    _grow(url)
    database = Database(url)
    with database.read.connect() as connection:
        room = connection.execute(select(rooms.c.id).where(rooms.c.state == "open")).scalar()
    database.dispose()
    done = _audit(url, "prove", room)
    assert (done.exit_code, "it isn't decided yet" in done.output) == (2, True), done.output


def test_a_log_keeps_the_name_that_its_checkpoints_have(url: str, tmp_path: Path) -> None:
    file, another = tmp_path / "audit.jsonl", SigningKey("another.test/log", bytes(32))
    assert _audit(url, "export", file).exit_code == 0
    before = file.read_bytes()
    for command in (("export", file), ("prove", _decided(url, "approved"))):
        done = _audit(url, *command, key=another.written, origin=another.name)
        assert (done.exit_code, f"the log is {ORIGIN}" in done.output) == (2, True), done.output
    assert file.read_bytes() == before


def test_without_a_key_nothing_is_exported(url: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    done = _audit(url, "export", file, key="")
    assert (done.exit_code, "WARROOM_LOG_KEY" in done.output, file.exists()) == (2, True, False)
    other = SigningKey("another.test/log", bytes(32)).written
    assert _audit(url, "export", file, key=other).exit_code == 2


def test_a_key_in_a_file_is_refused_where_others_can_read_it(url: str, tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "audit.jsonl"
    key.write_text(KEY.written, encoding="utf-8")
    key.chmod(0o640)
    refused = _audit(url, "export", file, key=str(key))
    assert (refused.exit_code, "others can read" in refused.output) == (2, True)
    key.chmod(0o600)
    assert _audit(url, "export", file, key=str(key)).exit_code == 0


def _grow(url: str) -> None:
    """One violation more is in the log, and whatever else is on record."""

    async def one_more(database: Database) -> None:
        async with started(database, HandClock(), POLICY) as engine:
            await engine.report(report(dedup_key=new_id(8)), "violations", new_id(8))

    database = Database(url)
    asyncio.run(one_more(database))
    take_in_all(database)
    database.dispose()


def _kept(url: str) -> list[Checkpoint]:
    """The checkpoints on record, the smallest first."""
    database = Database(url)
    try:
        with database.read.connect() as connection:
            rows = connection.execute(select(checkpoints).order_by(checkpoints.c.size)).all()
            return [Checkpoint(each.size, each.made_at, each.note) for each in rows]
    finally:
        database.dispose()


def _notes(file: Path) -> list[str]:
    """The checkpoints in an export."""
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [line["checkpoint"] for line in lines if "checkpoint" in line]


@pytest.mark.parametrize("what", ["export", "prove"])
def test_what_leaves_the_house_is_under_a_checkpoint_that_is_kept_and_recorded(
    url: str, tmp_path: Path, what: str
) -> None:
    _grow(url)
    file, before = tmp_path / "out", len(_kept(url))
    arguments = ("export", file) if what == "export" else ("prove", _decided(url, "approved"))
    for _ in range(2):  # what came since is a checkpoint alone
        done = _audit(url, *arguments)
        assert done.exit_code == 0, done.output
        kept = _kept(url)
        assert len(kept) == before + 1
        said = file.read_text(encoding="utf-8") if what == "export" else done.stdout
        assert json.dumps(kept[-1].note, ensure_ascii=False)[1:-1] in said or (
            said.endswith(kept[-1].note)
        )
        database = Database(url)
        take_in_all(database)
        recorded = [each.leaf for each in written(database).entries]
        database.dispose()
        assert recorded[-1].stream_kind == "checkpoint"
        assert recorded[-1].stream_id == str(kept[-1].size)


def test_exports_verify_before_while_and_after_a_key_is_replaced(url: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    for key, own, foreign in (
        (KEY.written, (KEY,), OTHER),
        (BOTH, (KEY, NEWER), OTHER),
        (NEWER.written, (NEWER,), KEY.verifier),
    ):
        _grow(url)
        for grown in (True, False):
            done = _audit(url, "export", file, key=key)
            assert done.exit_code == 0, (grown, done.output)
            for given in ((), *(("--key", each.verifier) for each in own)):
                verified = _audit(url, "verify", file, *given, "--json")
                assert (verified.exit_code, verified.stdout.count("position")) == (0, 0)
                code, words = run_verifier(file, *given)
                assert code == 0, words
            assert _audit(url, "verify", file, "--key", foreign).exit_code == 1
            assert run_verifier(file, "--key", foreign)[0] == 1
    signed = _notes(file)
    assert [note.count(f" {ORIGIN} ") for note in signed][-3:] == [1, 2, 1]


def test_a_new_key_signs_beside_the_old_one_where_nothing_came_since(
    url: str, tmp_path: Path
) -> None:
    _grow(url)
    file, kept = tmp_path / "audit.jsonl", tmp_path / "kept"
    assert _audit(url, "export", file).exit_code == 0
    kept.write_text(_notes(file)[-1], encoding="utf-8")
    assert _audit(url, "export", file, key=NEWER.written).exit_code == 0
    for key in (KEY, NEWER):
        signed = SignedCheckpoint.open(_notes(file)[-1].encode(), [key.verifier])
        assert signed.signed_by == {key.verifier}
    both = ("--key", KEY.verifier, "--key", NEWER.verifier, "--since", kept)
    assert _audit(url, "verify", file, *both).exit_code == 0
    assert run_verifier(file, *both)[0] == 0

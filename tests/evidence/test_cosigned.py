"""Witnesses' cosignatures in an export are held to keys, and counted by those that are given."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.evidence.keys import VerifierKey
from bot.evidence.notes import Note
from bot.evidence.witnessing import AddCheckpoint
from tests.evidence.exporting import KEY, ORIGIN, Written, kinds, lines_of, verified
from tests.evidence.stranger import by_stranger
from tests.evidence.witness import Witness


def test_cosignatures_are_held_to_the_witness_and_counted(record: Written) -> None:
    witness = Witness("witness.test", {ORIGIN: [KEY.verifier.public]}, time=1_795_780_800)
    note = Note.read(json.loads(lines_of(record.data())[-2])["checkpoint"].encode())
    lines = witness.add_checkpoint(AddCheckpoint(0, (), note).body).body.decode().splitlines()
    key = VerifierKey.read(witness.vkey)
    data = record.data(cosignatures=lines, witnesses=[key])
    given = [KEY.verifier, key]
    result = verified(data, keys=given, witnesses=1)
    assert (result.findings, result.cosigned_by) == ((), ("witness.test",))
    assert kinds(data, keys=given, witnesses=2) == {"witnesses"}
    assert (verified(data).findings, kinds(data, witnesses=1)) == ((), {"witnesses"})
    assert by_stranger(data) == set()
    forged = record.data(cosignatures=[_changed(lines[0])], witnesses=[key])
    assert kinds(forged) == {"cosignature"}
    assert by_stranger(forged)


def test_a_cosignature_by_a_key_that_the_file_has_not_is_there_for_whoever_has_it(
    record: Written,
) -> None:
    """The witness was asked once, and isn't in the configuration any more."""
    witness = Witness("witness.test", {ORIGIN: [KEY.verifier.public]}, time=1_795_780_800)
    note = Note.read(json.loads(lines_of(record.data())[-2])["checkpoint"].encode())
    lines = witness.add_checkpoint(AddCheckpoint(0, (), note).body).body.decode().splitlines()
    key = VerifierKey.read(witness.vkey)
    data = record.data(cosignatures=lines)
    without = verified(data)
    assert (without.findings, without.cosigned_by, by_stranger(data)) == ((), (), set())
    given = verified(data, keys=[KEY.verifier, key], witnesses=1)
    assert (given.findings, given.cosigned_by) == ((), ("witness.test",))
    other = [KEY.verifier, _other(key)]
    assert kinds(data, keys=other, witnesses=1) == {"witnesses"}


def test_what_came_after_the_newest_cosigned_checkpoint_is_said_and_no_finding(
    record: Written, tmp_path: Path
) -> None:
    """An export makes its own checkpoint, which no witness has seen yet."""
    witness = Witness("witness.test", {ORIGIN: [KEY.verifier.public]}, time=1_795_780_800)
    of_three = record.data(sizes=(3,))
    note = Note.read(json.loads(lines_of(of_three)[-3])["checkpoint"].encode())
    lines = witness.add_checkpoint(AddCheckpoint(0, (), note).body).body.decode().splitlines()
    key = VerifierKey.read(witness.vkey)
    data = record.data((3,), lines, [key], cosigned=3)
    given = [KEY.verifier, key]
    result = verified(data, keys=given, witnesses=1)
    assert (result.findings, result.cosigned, result.cosigned_by) == ((), 3, ("witness.test",))
    assert kinds(data, keys=given, witnesses=2) == {"witnesses"}
    file = tmp_path / "export.jsonl"
    file.write_bytes(data)
    named = [f"--key={each}" for each in given]
    done = CliRunner().invoke(main, ["audit", "verify", str(file), *named, "--witnesses=1"])
    said = f"The first 3 events of {result.size}: cosigned by witness.test."
    assert (done.exit_code, said in done.output) == (0, True), done.output


@pytest.mark.parametrize("second", ["name", "key"])
def test_a_witness_of_two_names_or_two_keys_counts_once(record: Written, second: str) -> None:
    seed = bytes(range(2, 34))
    names = ("w1.test", "w2.test") if second == "name" else ("w1.test", "w1.test")
    note = Note.read(json.loads(lines_of(record.data())[-2])["checkpoint"].encode())
    lines, keys = [], []
    for name, own in zip(names, (seed, seed if second == "name" else bytes(32)), strict=True):
        witness = Witness(name, {ORIGIN: [KEY.verifier.public]}, 1_795_780_800, own)
        lines += witness.add_checkpoint(AddCheckpoint(0, (), note).body).body.decode().splitlines()
        keys.append(VerifierKey.read(witness.vkey))
    data = record.data(cosignatures=lines, witnesses=keys)
    assert kinds(data, keys=[KEY.verifier, *keys], witnesses=1) == set()
    assert kinds(data, keys=[KEY.verifier, *keys], witnesses=2) == {"witnesses"}


def test_witnesses_are_wanted_only_with_keys_of_theirs(record: Written, tmp_path: Path) -> None:
    """Those that the file names may be of its writer's own making."""
    file = tmp_path / "export.jsonl"
    file.write_bytes(record.data())
    arguments = ["audit", "verify", str(file), "--key", str(KEY.verifier), "--witnesses", "1"]
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, "--key" in done.output) == (2, True)


def _changed(line: str) -> str:
    """The cosignature with another time."""
    start, name, encoded = line.split(" ")
    data = bytearray(base64.b64decode(encoded))
    data[11] ^= 1
    return f"{start} {name} {base64.b64encode(data).decode()}"


def _other(key: VerifierKey) -> VerifierKey:
    return replace(key, public=bytes(32))

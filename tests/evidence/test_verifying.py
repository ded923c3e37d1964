"""An export is sound as it was written; what is changed in it is found by both verifiers."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.main import main
from bot.evidence.keys import SigningKey
from tests.evidence import exporting
from tests.evidence.exporting import (
    KEY,
    ORIGIN,
    VERIFY,
    Written,
    joined,
    kinds,
    lines_of,
    run_verifier,
    verified,
)
from tests.evidence.stranger import by_stranger

ERASED = "2026-11-30T00:00:00.000000Z"
FEW = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="session")
def data(record: Written) -> bytes:
    """The export of the record, with a checkpoint on the way."""
    return record.data(sizes=(3,))


def _found_by_both(data: bytes) -> None:
    assert kinds(data)
    assert by_stranger(data)


def test_what_was_written_is_sound(data: bytes) -> None:
    result = verified(data, keys=[KEY.verifier])
    assert (result.findings, result.sound, result.own_keys) == ((), True, False)
    assert by_stranger(data) == set()


@FEW
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(data: bytes, at: float, bit: int) -> None:
    place = int(at * len(data))
    flipped = bytes([data[place] ^ (1 << bit)])
    _found_by_both(data[:place] + flipped + data[place + 1 :])


def test_one_flipped_bit_in_any_line_is_found(data: bytes) -> None:
    """In the middle of each line: head, keys, documents, leaves, checkpoints, end."""
    place = 0
    for line in lines_of(data):
        middle = place + len(line) // 2
        _found_by_both(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        place += len(line)


@FEW
@given(chosen=st.data())
def test_a_line_that_is_gone_moved_or_added_is_found(data: bytes, chosen: st.DataObject) -> None:
    lines = lines_of(data)
    place, other = chosen.draw(
        st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True)
    )
    gone = [*lines[:place], *lines[place + 1 :]]
    _found_by_both(joined(gone))
    _found_by_both(joined([*gone[:other], lines[place], *gone[other:]]))
    _found_by_both(joined([*lines[:other], lines[place], *lines[other:]]))


def test_what_stands_behind_the_end_is_found(data: bytes) -> None:
    _found_by_both(data + b"\n")
    _found_by_both(data + lines_of(data)[-2])
    assert "order" in kinds(joined(lines_of(data)[:-1]))
    assert "order" in by_stranger(joined(lines_of(data)[:-1]))


@pytest.mark.parametrize("change", ["gone", "moved", "added"])
def test_events_are_missed_by_their_number_where_the_log_has_signed_all_anew(
    record: Written, change: str
) -> None:
    """The key's holder rewrites the log; each stream still counts its events."""
    first, second, *others = record.entries[record.number("opened") :][:3]
    before = record.entries[: record.number("opened")]
    after = record.entries[len(before) + 3 :]
    entries = {
        "gone": (*before, second, *others, *after),
        "moved": (*before, second, first, *others, *after),
        "added": (*before, first, first, second, *others, *after),
    }[change]
    assert first.leaf.stream_id == second.leaf.stream_id
    forged = replace(record, entries=entries).data()
    assert "sequence" in kinds(forged)
    assert "sequence" in by_stranger(forged)


def test_a_rewritten_justification_is_found_though_the_export_was_signed_anew(
    record: Written,
) -> None:
    number = record.number("decided")
    entry = record.entries[number]
    salt = entry.personal["event.decision.reason"][0]
    words = {**entry.personal, "event.decision.reason": (salt, '"It was agreed on the phone."')}
    forged = record.but(number, exporting.rewritten(entry, words)).data()
    assert kinds(forged) == {"commitment"}
    assert by_stranger(forged) == {"commitment"}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("decided", "event.decision.reason"),
        ("decided", "account"),
        ("opened", "people.p1"),
        ("opened", "event.violation.report.facts"),
    ],
)
def test_a_value_that_is_missing_and_not_said_to_be_erased_is_found_by_both(
    record: Written, kind: str, path: str
) -> None:
    number = next(
        place
        for place, each in enumerate(record.entries)
        if each.leaf.kind == kind and path in each.personal
    )
    entry = record.entries[number]
    left = {name: value for name, value in entry.personal.items() if name != path}
    forged = record.but(number, exporting.rewritten(entry, left)).data()
    assert [each.what for each in verified(forged).findings] == [
        f"{entry.leaf.words}: {path} is missing, and isn't said to be erased"
    ]
    assert kinds(forged) == {"commitment"}
    assert by_stranger(forged) == {"commitment"}
    marked = record.but(number, exporting.rewritten(entry, {**left, "erased": ERASED}))
    assert kinds(marked.data()) == {"commitment"}
    erased = marked.adding(exporting.erasure(1, ERASED)).data()
    assert kinds(erased) == set()
    assert by_stranger(erased) == set()


def test_a_value_that_no_event_of_its_kind_has_is_missed_by_its_type(record: Written) -> None:
    """Every reason of a decision was taken out: that they are personal the event's type says."""
    path = "event.decision.reason"
    entries = tuple(
        exporting.rewritten(
            each, {name: value for name, value in each.personal.items() if name != path}
        )
        for each in record.entries
    )
    assert kinds(replace(record, entries=entries).data()) == {"commitment"}


def test_a_history_that_was_rewritten_is_held_to_the_checkpoint_that_the_auditor_kept(
    record: Written, tmp_path: Path
) -> None:
    kept = json.loads(lines_of(record.data())[-2])["checkpoint"]
    entry = record.entries[2]
    changed = record.but(2, exporting.rewritten(entry, salt="0" * 32)).data()
    assert kinds(changed) == set()
    assert kinds(changed, since=[kept.encode()]) == {"consistency"}
    assert by_stranger(changed, kept) == {"consistency"}


def test_a_document_that_is_another_is_found(record: Written) -> None:
    document = record.documents[0]
    changed = replace(document, document=document.document.replace("4h", "5h") + " ")
    forged = replace(record, documents=(changed, *record.documents[1:])).data()
    assert "document" in kinds(forged)
    assert "document" in by_stranger(forged)


def test_what_was_erased_is_said_and_all_else_still_holds(record: Written) -> None:
    entries = tuple(
        exporting.rewritten(each, {"erased": ERASED} if each.personal else {})
        for each in record.entries
    )
    count = sum("erased" in each.personal for each in entries)
    erased = replace(record, entries=(*entries, exporting.erasure(count, ERASED)))
    fewer = replace(record, entries=(*entries, exporting.erasure(count - 1, ERASED)))
    assert kinds(fewer.data()) == {"commitment"}
    result = verified(erased.data())
    assert (result.findings, [at for at, _ in result.erased]) == ((), [ERASED])
    assert by_stranger(erased.data()) == set()


def test_another_key_than_the_auditors_signs_for_nobody(data: bytes) -> None:
    other = SigningKey(ORIGIN, bytes(32)).verifier
    assert "signature" in kinds(data, keys=[other])


def _audit(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *map(str, arguments)])


def test_the_command_ends_with_what_it_found(data: bytes, tmp_path: Path) -> None:
    sound, broken = tmp_path / "sound.jsonl.gz", tmp_path / "broken.jsonl"
    sound.write_bytes(gzip.compress(data))
    broken.write_bytes(data.replace(b"decided", b"decidee", 1))
    done = _audit(sound)
    assert (done.exit_code, "own key" in done.stderr) == (0, True)
    done = _audit(sound, "--key", KEY.verifier)
    assert (done.exit_code, done.stderr) == (0, "")
    done = _audit(broken, "--json")
    assert done.stdout, done.output
    said = json.loads(done.stdout)
    assert (done.exit_code, said["sound"]) == (1, False)
    assert {"position", "kind", "what"} == set(said["findings"][0])


def test_a_compressed_export_that_is_cut_off_is_not_sound(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(data)[:-20])
    assert _audit(file).exit_code == 1
    assert run_verifier(file)[0] == 1


@pytest.mark.parametrize(
    "arguments", [("nowhere.jsonl",), ("{}", "--key", "no key"), ("{}", "--since", "nowhere")]
)
def test_what_cannot_be_read_ends_with_two(
    data: bytes, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(data)
    assert _audit(*(each.format(file) for each in arguments)).exit_code == 2


def test_a_mailed_proof_is_no_export(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "decision.tlog-proof"
    file.write_text("c2sp.org/tlog-proof@v1\n", encoding="utf-8")
    done = _audit(file)
    assert (done.exit_code, "docs/verify.py checks it" in done.output) == (2, True)


@pytest.mark.parametrize("wrong", [False, True])
def test_a_file_of_checkpoints_is_held_to_each_of_them(
    data: bytes, record: Written, tmp_path: Path, wrong: bool
) -> None:
    """As the worker appends them, with an empty line behind each; copied ones may lack an end."""
    file, kept = tmp_path / "export.jsonl", tmp_path / "checkpoints"
    file.write_bytes(data)
    lines = [json.loads(line) for line in lines_of(data)]
    notes = [line["checkpoint"] for line in lines if "checkpoint" in line]
    assert len(notes) > 1
    kept.write_text("\n".join(notes).rstrip("\n"), encoding="utf-8")
    if wrong:
        other = exporting.note(3, bytes(32))
        kept.write_text("\n".join((other, *notes)), encoding="utf-8")
    done = _audit(file, "--since", kept)
    code, said = run_verifier(file, "--since", kept)
    assert (done.exit_code, code) == (wrong, wrong), done.output + said
    assert ("consistency" in done.output, "since: consistency" in said) == (wrong, wrong)


def test_a_checkpoint_that_is_none_isnt_said_of_the_export(data: bytes, tmp_path: Path) -> None:
    file, kept = tmp_path / "export.jsonl", tmp_path / "checkpoint"
    file.write_bytes(data)
    kept.write_text("no checkpoint\n", encoding="utf-8")
    code, said = run_verifier(file, "--since", kept)
    assert (code, "since: signature: no note" in said, "export.jsonl" in said) == (1, True, False)


def test_the_strangers_verifier_is_one_short_file_that_runs_alone(
    data: bytes, tmp_path: Path
) -> None:
    source = VERIFY.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 250
    assert "from bot" not in source
    file = tmp_path / "export.jsonl"
    file.write_bytes(data)
    assert run_verifier(file, "--key", KEY.verifier) == (
        0,
        f"Sound: {verified(data).size} leaves, root {json.loads(lines_of(data)[0])['root']}.\n",
    )
    file.write_bytes(data.replace(b"decided", b"decidee", 1))
    assert run_verifier(file)[0] == 1
    assert run_verifier(tmp_path / "nowhere")[0] == 2

"""An export is held to the keys that the auditor has, and all that it says of others is true."""

import json

import pytest

from bot.evidence.keys import SigningKey
from bot.evidence.notes import Note
from tests.evidence.exporting import KEY, ORIGIN, Written, joined, kinds, lines_of, rewritten
from tests.evidence.stranger import by_stranger

NEWER = SigningKey(ORIGIN, bytes(range(1, 33)))
STRANGE = SigningKey(ORIGIN, bytes(32))


@pytest.fixture(scope="session")
def data(record: Written) -> bytes:
    """The export of the record while a key is being replaced."""
    return record.data(sizes=(3,), keys=(KEY, NEWER))


@pytest.mark.parametrize("key", [KEY, NEWER])
def test_one_flipped_bit_in_the_end_is_found_whichever_key_is_given(
    data: bytes, key: SigningKey
) -> None:
    """The line of the other key is held to the one that the file names."""
    given = [key.verifier]
    assert (kinds(data, keys=given), by_stranger(data, keys=given)) == (set(), set())
    start = len(data) - len(lines_of(data)[-1])
    for place in range(start, len(data), 5):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert kinds(flipped, keys=given), place
        assert by_stranger(flipped, keys=given), place


@pytest.mark.parametrize("added", ["strange", "twice", "false"])
@pytest.mark.parametrize("given", [(), (KEY,), (KEY, NEWER)])
def test_no_signature_is_added_to_the_end(
    data: bytes, added: str, given: tuple[SigningKey, ...]
) -> None:
    *before, end = lines_of(data)
    note = json.loads(end)["end"]
    text, _, below = note.rpartition("\n\n")
    line = {
        "strange": _line(STRANGE, f"{text}\n"),
        "twice": below.splitlines()[0],
        "false": _line(NEWER, "another text\n"),
    }[added]
    forged = joined([*before, _end(f"{note}{line}\n")])
    keys = [key.verifier for key in given]
    assert kinds(forged, keys=keys) == {"signature"}
    assert by_stranger(forged, keys=keys)


def test_the_end_is_by_a_key_that_is_given(record: Written) -> None:
    """A key that the file alone names may be of its writer's own making."""
    forged = record.data(keys=(STRANGE,), retired=(KEY,))
    assert "signature" in kinds(forged, keys=[KEY.verifier])
    assert by_stranger(forged, keys=[KEY.verifier])


def test_a_checkpoint_that_was_kept_may_be_by_a_retired_key_that_signs_nothing_else(
    record: Written,
) -> None:
    """Its root is what counts: the auditor gives today's key alone."""
    kept = json.loads(lines_of(record.data())[-2])["checkpoint"]
    for size, found in ((0, set[str]()), (2, {"consistency"})):
        other = record.but(size, rewritten(record.entries[size], salt="0" * 32)) if size else record
        data = other.data(keys=(NEWER,), retired=(KEY,))
        given = [NEWER.verifier]
        assert kinds(data, keys=given, since=[kept.encode()]) == found
        assert by_stranger(data, kept, given) == found


def _line(key: SigningKey, text: str) -> str:
    """A signature line on a text."""
    return str(Note.signed(text, [key]).signatures[0])


def _end(note: str) -> bytes:
    return json.dumps({"end": note}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

"""Signed notes: opened with known keys, whatever else stands below them, and read strictly."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.errors import EvidenceError, MalformedError, UnsignedError
from bot.evidence.keys import KeyType, SigningKey, VerifierKey
from bot.evidence.notes import Note, Signature
from tests.evidence.published import (
    ARCHE_CHECKPOINT,
    ARCHE_KEY,
    ARCHE_TIME,
    ENOCH_KEY,
    ENOCH_LINE,
    FOO_KEY,
    FOO_NOTE,
    GO_TEXT,
    PETER_KEY,
    PETER_LINE,
    PETER_SECRET,
    REMORA_KEY,
)

FOO, PETER, ENOCH = map(VerifierKey.read, (FOO_KEY, PETER_KEY, ENOCH_KEY))
ARCHE, REMORA = map(VerifierKey.read, (ARCHE_KEY, REMORA_KEY))
LINE = FOO_NOTE.decode().rsplit("\n\n", 1)[1]
TEXT = "This is an example message.\n"


def _opened(data: bytes, *keys: VerifierKey) -> list[VerifierKey]:
    return [each.key for each in Note.read(data).verified(keys)]


def test_the_published_notes_are_opened() -> None:
    assert _opened(FOO_NOTE, FOO) == [FOO]
    assert Note.read(FOO_NOTE).text == TEXT
    both = f"{GO_TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()
    assert _opened(both, ENOCH, PETER) == [PETER, ENOCH]
    assert _opened(both, ENOCH, FOO) == [ENOCH]


def test_a_published_secret_signs_the_published_bytes() -> None:
    note = Note.signed(GO_TEXT, [SigningKey.read(PETER_SECRET)])
    assert bytes(note) == f"{GO_TEXT}\n{PETER_LINE}".encode()


def test_a_cosignature_of_a_real_witness_is_verified_with_its_time() -> None:
    verified = Note.read(ARCHE_CHECKPOINT).verified([ARCHE, REMORA])
    assert [(each.key, each.time) for each in verified] == [(ARCHE, None), (REMORA, ARCHE_TIME)]


def test_the_time_of_a_cosignature_is_signed() -> None:
    note = Note.read(ARCHE_CHECKPOINT)
    *_, last = note.signatures
    later = Signature(last.name, last.id, (ARCHE_TIME + 1).to_bytes(8, "big") + last.signature[8:])
    with pytest.raises(UnsignedError, match="is false"):
        Note(note.text, (later,)).verified([REMORA])
    never = Signature(last.name, last.id, b"\xff" + last.signature[1:])
    with pytest.raises(UnsignedError, match="no time"):
        Note(note.text, (never,)).verified([REMORA])


def test_a_note_is_read_as_it_is_written() -> None:
    for data in (FOO_NOTE, ARCHE_CHECKPOINT):
        assert bytes(Note.read(data)) == data


@given(st.integers(0, len(FOO_NOTE) * 8 - 1))
def test_no_note_with_a_flipped_bit_opens(bit: int) -> None:
    number = int.from_bytes(FOO_NOTE, "big") ^ 1 << bit
    with pytest.raises(EvidenceError):
        _opened(number.to_bytes(len(FOO_NOTE), "big"), FOO)


def test_a_key_that_shares_only_name_or_id_is_not_meant() -> None:
    namesake = SigningKey.generate(FOO.name).verifier
    same_id = LINE.replace("example.com/foo", "example.com/bar")
    with pytest.raises(UnsignedError, match="no signature by a known key"):
        _opened(FOO_NOTE, namesake)
    with pytest.raises(UnsignedError, match="no signature by a known key"):
        _opened(f"{TEXT}\n{same_id}".encode(), FOO)
    assert _opened(f"{TEXT}\n{same_id}{LINE}".encode(), FOO) == [FOO]


def test_a_false_signature_by_a_known_key_spoils_the_note() -> None:
    other = SigningKey.generate("acme.test/log")
    good = Note.signed(GO_TEXT, [other])
    false = Note.read(FOO_NOTE).signatures
    assert good.adding(false).verified([other.verifier])
    with pytest.raises(UnsignedError, match=r"example\.com/foo is false"):
        good.adding(false).verified([other.verifier, FOO])


def test_a_signature_of_another_length_is_false() -> None:
    line = f"— {FOO.name} {base64.b64encode(FOO.id + bytes(63)).decode()}\n"
    with pytest.raises(UnsignedError, match="63 bytes"):
        _opened(f"{TEXT}\n{line}".encode(), FOO)


def test_the_same_key_under_another_type_is_another() -> None:
    """A log's signature never passes for a witness's, nor the other way round."""
    cosigner = VerifierKey(FOO.name, KeyType.COSIGNATURE, FOO.public)
    with pytest.raises(UnsignedError, match="no signature by a known key"):
        _opened(FOO_NOTE, cosigner)


def test_keys_that_cannot_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VerifierKey, "id", FOO.id)
    with pytest.raises(MalformedError, match="same id"):
        _opened(FOO_NOTE, FOO, VerifierKey(FOO.name, FOO.type, bytes(32)))


def test_two_keys_sign_while_one_replaces_the_other() -> None:
    keys = [SigningKey.generate("acme.test/log") for _ in range(2)]
    note = Note.signed(TEXT, keys)
    for key in keys:
        assert _opened(bytes(note), key.verifier) == [key.verifier]


def test_an_added_signature_stands_there_once() -> None:
    note = Note.read(FOO_NOTE)
    assert note.adding(note.signatures) == note


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "blank line"),
        (TEXT, "blank line"),
        (f"{TEXT}{LINE}", "blank line"),
        (f"{TEXT}\n", "ends with a signature line"),
        (f"{TEXT}\n\n", "ends with a signature line"),
        (f"{TEXT}\n{LINE[:-1]}", "ends with a signature line"),
        (f"{TEXT}\n{LINE}\n", "ends with a signature line"),
        (f"{TEXT}\n{LINE}\n{TEXT}", "signature line is"),
        (f"{TEXT}\n-{LINE[1:]}", "signature line is"),
        (f"{TEXT}\n{LINE[0]}{LINE[2:]}", "signature line is"),
        (f"{TEXT}\n— {FOO.name}\n", "signature line is"),
        (f"{TEXT}\n {LINE}", "signature line is"),
        (f"{TEXT}\n—  {LINE[2:]}", "name is empty"),
        (f"{TEXT}\n— a+b {LINE.split()[2]}\n", r"or a `\+`"),
        (f"{TEXT}\n— a\u3000b {LINE.split()[2]}\n", "has a space"),
        (f"{TEXT}\n{LINE[:-1]} \n", "no base64"),
        (f"{TEXT}\n{LINE.replace(' Uw2Q', '  Uw2Q')}", "no base64"),
        (f"{TEXT}\n{LINE.replace('=', '')}", "no base64"),
        (f"{TEXT}\n{LINE.replace('M=', 'N=')}", "no canonical base64"),
        (f"{TEXT}\n— {FOO.name} Uw2QOg==\n", "nothing but a key's id"),
        (f"{TEXT}\n— {FOO.name} \n", "nothing but a key's id"),
        (f"{TEXT}\r\n{LINE}", "no control"),
        (f"a\tb\n\n{LINE}", "no control"),
        (f"a\0b\n\n{LINE}", "no control"),
        (f"{TEXT}\n{101 * LINE}", "at most 100 signatures"),
        (f"{1_000_000 * 'a'}\n\n{LINE}", "at most 1000000 bytes"),
    ],
)
def test_what_is_no_note_is_refused_with_the_reason(data: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        Note.read(data.encode())


def test_a_note_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(MalformedError, match="UTF-8"):
        Note.read(b"\xff" + FOO_NOTE)


def test_sixteen_signatures_are_taken_and_empty_lines_in_the_text() -> None:
    key = SigningKey.generate("acme.test/log")
    others = [SigningKey.generate(f"acme.test/{number}") for number in range(15)]
    note = Note.signed("\n\nfirst\n\n\nlast\n", [*others, key])
    assert Note.read(bytes(note)) == note
    assert _opened(bytes(note), key.verifier) == [key.verifier]


@pytest.mark.parametrize("text", ["", "no end", f"a\n\n{LINE[:-1]}", "a\rb\n"])
def test_what_could_not_be_read_again_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedError):
        Note.signed(text, [SigningKey.generate("acme.test/log")])
    with pytest.raises(MalformedError):
        Note.signed(TEXT, [])

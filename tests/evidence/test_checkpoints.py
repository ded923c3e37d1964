"""Checkpoints: three lines that their log has signed, and that witnesses may have cosigned."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.checkpoints import Checkpoint, SignedCheckpoint
from bot.evidence.errors import EvidenceError, MalformedError, UnsignedError
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.notes import Note, Signature, read_signatures
from bot.evidence.witnessing import AddCheckpoint
from tests.evidence.published import ARCHE_CHECKPOINT, ARCHE_KEY, ARCHE_TIME, REMORA_KEY
from tests.evidence.witness import Witness

ORIGIN = "acme.test/warroom"
KEY = SigningKey.generate(ORIGIN)
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 20852163, ROOT)
SIGNED = bytes(CHECKPOINT.signed([KEY]))
ENCODED = base64.b64encode(ROOT).decode()
ARCHE, REMORA = map(VerifierKey.read, (ARCHE_KEY, REMORA_KEY))


def test_a_checkpoint_of_a_real_log_is_opened_with_its_witness() -> None:
    opened = SignedCheckpoint.open(ARCHE_CHECKPOINT, [ARCHE], [REMORA])
    assert (opened.checkpoint.origin, opened.checkpoint.size) == (ARCHE.name, 1_432_088_532)
    assert opened.signed_by == {ARCHE}
    assert opened.cosigned == {REMORA: ARCHE_TIME}
    assert bytes(opened.note) == ARCHE_CHECKPOINT


def test_a_checkpoint_is_three_lines() -> None:
    assert CHECKPOINT.text == f"{ORIGIN}\n20852163\n{ENCODED}\n"
    assert Checkpoint.read(CHECKPOINT.text) == CHECKPOINT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "three lines"),
        (f"{ORIGIN}\n1\n", "three lines"),
        (f"{ORIGIN}\n1\n{ENCODED}", "three lines"),
        (f"{ORIGIN}\n1\n{ENCODED}\nextension\n", "extension line"),
        (f"{ORIGIN}\n1\n{ENCODED}\n\n", "extension line"),
        (f"{ORIGIN}\n1\n{ENCODED}\nextension", "three lines"),
        (f"\n1\n{ENCODED}\n", "empty"),
        (f"acme test\n1\n{ENCODED}\n", "has a space"),
        (f"{ORIGIN}\n01\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n+1\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n-1\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n1_0\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n１\n{ENCODED}\n", "no decimal"),  # noqa: RUF001 - a digit of another script
        (f"{ORIGIN}\n\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n{2**63}\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n{5000 * '9'}\n{ENCODED}\n", "no decimal"),
        (f"{ORIGIN}\n1\n\n", "has 0 bytes"),
        (f"{ORIGIN}\n1\n{ENCODED[:40]}\n", "has 30 bytes"),
        (f"{ORIGIN}\n1\n{ENCODED[:-1]}\n", "no base64"),
        (f"{ORIGIN}\n1\n{ENCODED[:-2]}9=\n", "no canonical base64"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        Checkpoint.read(text)


def test_the_largest_size_is_taken() -> None:
    assert Checkpoint.read(f"{ORIGIN}\n{2**63 - 1}\n{ENCODED}\n").size == 2**63 - 1


@given(st.integers(0, len(SIGNED) * 8 - 1))
def test_no_checkpoint_with_a_flipped_bit_opens(bit: int) -> None:
    number = int.from_bytes(SIGNED, "big") ^ 1 << bit
    with pytest.raises(EvidenceError):
        SignedCheckpoint.open(number.to_bytes(len(SIGNED), "big"), [KEY.verifier])


def test_a_witness_alone_makes_no_checkpoint() -> None:
    other = SigningKey.generate(ARCHE.name).verifier
    for log in ([], [other], [REMORA]):
        with pytest.raises(UnsignedError, match="itself has not signed"):
            SignedCheckpoint.open(ARCHE_CHECKPOINT, log, [REMORA])


def _cosigned(witness: Witness) -> tuple[Signature, ...]:
    first = AddCheckpoint(0, [], CHECKPOINT.signed([KEY])).body
    return read_signatures(witness.add_checkpoint(first).body.decode())


def test_a_witness_that_is_called_as_the_log_is_does_not_pass_for_it() -> None:
    namesake = Witness(ORIGIN, {ORIGIN: [KEY.verifier.public]}, 1)
    key = VerifierKey.read(namesake.vkey)
    data = bytes(Note(CHECKPOINT.text, _cosigned(namesake)))
    for witnesses in ([], [key]):
        with pytest.raises(UnsignedError):
            SignedCheckpoint.open(data, [key], witnesses)


def test_of_several_cosignatures_by_a_witness_the_last_counts() -> None:
    witness = Witness("witness.test/w1", {ORIGIN: [KEY.verifier.public]}, 0)
    note = CHECKPOINT.signed([KEY])
    for time in (5, 9, 7):
        witness.time = time
        witness.seen.clear()
        note = note.adding(_cosigned(witness))
    key = VerifierKey.read(witness.vkey)
    assert SignedCheckpoint.open(bytes(note), [KEY.verifier], [key]).cosigned == {key: 9}


def test_a_log_does_not_pass_for_a_witness() -> None:
    assert SignedCheckpoint.open(SIGNED, [KEY.verifier], [KEY.verifier]).cosigned == {}


def test_a_key_of_one_log_does_not_sign_for_another() -> None:
    other = SigningKey.generate("acme.test/other")
    with pytest.raises(ValueError, match="doesn't sign for the log"):
        CHECKPOINT.signed([KEY, other])
    forged = bytes(Note.signed(CHECKPOINT.text, [other]))
    with pytest.raises(UnsignedError, match="no signature by a known key"):
        SignedCheckpoint.open(forged, [KEY.verifier, other.verifier])


def test_while_a_key_is_replaced_either_opens_the_checkpoint() -> None:
    new = SigningKey.generate(ORIGIN)
    data = bytes(CHECKPOINT.signed([KEY, new]))
    for known in ([KEY], [new], [KEY, new]):
        keys = frozenset(key.verifier for key in known)
        assert SignedCheckpoint.open(data, keys).signed_by == keys
